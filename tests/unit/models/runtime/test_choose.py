"""The rule by which a checkpoint gets its runtime."""

import pytest

from models.runtime import choose


@pytest.mark.parametrize(
    ("wanted", "device", "exported", "installed", "gpu", "expected"),
    [
        ("auto", "auto", True, True, True, "torch"),
        ("auto", "auto", True, True, False, "onnx"),
        ("auto", "cpu", True, True, True, "onnx"),
        ("auto", "cuda", True, True, False, "torch"),
        ("auto", "auto", False, True, False, "torch"),
        ("auto", "auto", False, False, False, "onnx"),
        ("auto", "auto", True, False, False, "onnx"),
        ("torch", "auto", True, False, False, "torch"),
        ("onnx", "cuda", False, True, True, "onnx"),
    ],
)
def test_the_rule(
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
    device: str,
    exported: bool,
    installed: bool,
    gpu: bool,
    expected: str,
) -> None:
    monkeypatch.setattr(choose, "torch_is_installed", lambda: installed)
    monkeypatch.setattr(choose, "_has_gpu", lambda: gpu)
    assert choose.choose_runtime(wanted, device, exported) == expected
