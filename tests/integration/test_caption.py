"""POST /caption with the embedded models on real photographs."""

from typing import Any

import pytest
import requests

from tools.benchmarks.server import PATIENCE_S, Server


def caption(server: Server, file_id: str, **options: Any) -> dict[str, Any]:
    answer = requests.post(f"{server.url}/caption", json={"file_id": file_id, **options}, timeout=PATIENCE_S)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(("name", "word"), [("chelsea", "cat"), ("coffee", "cup"), ("astronaut", "person")])
def test_the_sentence_names_what_is_there(
    server: Server, file_ids: dict[str, str], name: str, word: str
) -> None:
    answer = caption(server, file_ids[name])
    assert word in answer["caption"]
    assert answer["method"] == "composed"
    assert answer["confidence"] >= 0.5


def test_the_cup_stands_on_the_table(server: Server, file_ids: dict[str, str]) -> None:
    assert caption(server, file_ids["coffee"], text=False)["caption"] == "A cup on a table."


def test_what_is_not_there_is_not_claimed(server: Server, file_ids: dict[str, str]) -> None:
    answer = caption(server, file_ids["chelsea"], labels=["motorcycle", "bus"], text=False)
    assert answer["caption"] == "A photograph of something that none of the known names fits."


def test_after_an_analysis_only_sentences_are_left_to_do(server: Server, file_ids: dict[str, str]) -> None:
    body = {"file_id": file_ids["chelsea"], "labels": ["cat", "dog"]}
    requests.post(f"{server.url}/analyze", json=body, timeout=PATIENCE_S).raise_for_status()
    stages = caption(server, file_ids["chelsea"], labels=["cat", "dog"])["timings_ms"]
    assert not {"encode", "decode", "refine", "depth", "detect", "read"} & set(stages)
