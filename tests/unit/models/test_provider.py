"""Models load once, and say why when they do not."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.errors import ModelUnavailable
from domain.models import ModelInfo
from models.provider import LazyModel

INFO = ModelInfo("fake", "0" * 64)


def test_many_threads_load_once() -> None:
    loads = []
    model = LazyModel(INFO, lambda: loads.append(1) or object())
    assert model.state == "loading"
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: model.get(), range(32)))
    assert len(set(map(id, got))) == 1
    assert len(loads) == 1
    assert model.state == "ready"


@pytest.mark.parametrize("error", [RuntimeError("broken"), ModelUnavailable("broken")])
def test_a_failure_is_remembered(error: Exception) -> None:
    calls = []

    def load() -> object:
        calls.append(1)
        raise error

    model = LazyModel(INFO, load)
    for _ in range(2):
        with pytest.raises(ModelUnavailable, match=r"fake: .*broken"):
            model.get()
    assert len(calls) == 1
    assert "broken" in model.state


def test_a_model_may_be_built_of_another() -> None:
    inner = LazyModel(INFO, lambda: "inner")
    outer = LazyModel(INFO, lambda: f"outer of {inner.get()}")
    assert outer.get() == "outer of inner"
