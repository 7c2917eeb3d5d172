"""Writes docs/configuration.md from the settings: `python -m config.document > docs/configuration.md`."""

from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from config.settings import ROOT, Settings

PAGE_HEADER = """\
# Configuration

Every setting is an environment variable, or a line in a file `.env` beside `app.py`.
This page is generated from `config/settings.py` by `make docs`; the test run fails when it is stale.

| variable | type | default | meaning |
|---|---|---|---|
"""


def _default_cell(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "cores"
    if isinstance(field.default, Path):
        return f"`{field.default.relative_to(ROOT)}`"
    return "unset" if field.default in (None, "") else f"`{field.default}`"


def _type_cell(field: FieldInfo) -> str:
    annotation = field.annotation
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return name.replace("pathlib.", "").replace("typing.", "").replace("|", "or")


def setting_rows() -> Iterator[str]:
    """A table row for each setting, in the order of the class."""
    for name, field in Settings.model_fields.items():
        cells = (f"`SEGLABEL_{name.upper()}`", _type_cell(field), _default_cell(field), field.description)
        yield f"| {' | '.join(map(str, cells))} |"


def configuration_page() -> str:
    """The whole page."""
    return PAGE_HEADER + "\n".join(setting_rows()) + "\n"


if __name__ == "__main__":
    print(configuration_page(), end="")
