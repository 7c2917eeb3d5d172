"""Policy files."""

from pathlib import Path

import pytest

from config.settings import Settings
from domain.errors import InvalidRequest
from services.moderation.policy import Policies

GOOD = """
neutral = ["food"]
[[categories]]
name = "weapon"
prompts = ["a gun"]
threshold = 0.5
region_threshold = 0.9
action = "block"
"""


def test_the_policy_of_the_service_can_be_read() -> None:
    settings = Settings()
    policy = Policies(settings.policy_dir, settings.default_policy).get(None)
    assert len(policy.categories) >= 3
    question = policy.question(policy.categories[0])
    assert question.names == (policy.categories[0].name, "neutral")


def test_a_policy_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "strict.toml").write_text(GOOD)
    policies = Policies(tmp_path, "strict")
    assert policies.get("strict") is policies.get(None)
    with pytest.raises(InvalidRequest, match="expected one of strict, got 'lax'"):
        policies.get("lax")
    with pytest.raises(ValueError, match="expected a policy 'lax'"):
        Policies(tmp_path, "lax")


@pytest.mark.parametrize(
    ("wrong", "instead"),
    [
        ('"block"', '"delete"'),
        ("0.5", "1.5"),
        ('["a gun"]', "[]"),
        ('"weapon"', '"neutral"'),
        ('neutral = ["food"]', ""),
        ("region_threshold", "treshold"),
        ("[[categories]]", "[[categories"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, wrong: str, instead: str) -> None:
    (tmp_path / "broken.toml").write_text(GOOD.replace(wrong, instead))
    with pytest.raises(ValueError, match=r"broken\.toml"):
        Policies(tmp_path, "broken")
