# `make run` and `make test` are complete on a machine with Python 3.11+ and the package registries.
PYTHON ?= python3
PROFILE ?=
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run models test parity-all check docs clean help
.DEFAULT_GOAL := help

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing what the service needs into $(VENV) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/torch.stamp: requirements.txt requirements-torch.txt | $(BIN)/python
	@echo "Installing torch and the published models' code into $(VENV) (5 GB, some minutes) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-torch.txt
	@touch $@

$(VENV)/test.stamp: requirements.txt requirements-torch.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/run.stamp $(if $(PROFILE),models)  ## Start the service on 127.0.0.1:5000; PROFILE=base with SAM 2.1 and CLIP
	$(if $(PROFILE),SEGLABEL_PROFILE=$(PROFILE)) $(BIN)/python cli.py serve

models: $(if $(filter-out embedded,$(PROFILE)),$(VENV)/torch.stamp)  ## Fetch, check and convert the models of PROFILE
	$(BIN)/python cli.py models pull $(or $(PROFILE),embedded)
	$(BIN)/python cli.py models export $(or $(PROFILE),embedded)

test: check  ## Install everything that testing needs and run all checks
	$(BIN)/python -m pytest

parity-all: $(VENV)/test.stamp  ## Compare every published size with its reference (10 GB of memory)
	$(BIN)/python -m pytest -m all_sizes tests/parity

check: $(VENV)/test.stamp  ## Lint, format, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/test.stamp  ## Write the pages that are generated from code
	$(BIN)/python -m config.document > docs/configuration.md
	$(BIN)/python -m api.contract.document

clean:  ## Remove what the above made, uploaded images excepted
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
