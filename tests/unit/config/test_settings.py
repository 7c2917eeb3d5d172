"""Settings and their page."""

import pytest

from config.document import configuration_page, setting_rows
from config.settings import ROOT, Settings, load_settings


def test_every_setting_has_a_description_and_a_row() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert len(list(setting_rows())) == len(Settings.model_fields)


def test_the_page_is_not_stale() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == configuration_page(), (
        "run `make docs`"
    )


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGLABEL_PORT", "6000")
    monkeypatch.setenv("SEGLABEL_IMAGE_TTL_S", "null")
    settings = load_settings()
    assert settings.port == 6000
    assert settings.image_ttl_s is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SEGLABEL_PROT", "6000", "did you mean SEGLABEL_PORT"),
        ("SEGLABEL_PORT", "many", "port"),
        ("SEGLABEL_MAX_WAITING", "4", "16"),
    ],
)
def test_what_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=words):
        load_settings()


def test_there_are_threads_for_the_queue_and_more() -> None:
    settings = Settings(max_running=2, max_waiting=16)
    assert settings.threads > 18
