"""Labels that the embedded labeller cannot read, or cannot tell apart, are refused by name."""

from itertools import product

import pytest
import requests

from tools.benchmarks.server import Server

UNREADABLE = ["🐱", "猫猫", "แมว", "ＣＡＴ", "𝐜𝐚𝐭"]
ALIKE = [
    ("cat", "cát"),
    ("hot dog", "hot  dog"),
    ("hot dog", "hot\u00a0dog"),
    ("cat", "ca\u200dt"),
    ("pajaro", "pájaro"),
    ("a," * 95 + "cat", "a," * 95 + "dog"),
]
ENDPOINTS = ["/classify", "/segment", "/analyze", "/caption", "/index"]


def refusal(server: Server, path: str, **body: object) -> str:
    answer = requests.post(f"{server.url}{path}", json=body, timeout=60)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"]["message"])


@pytest.mark.parametrize(("label", "path"), [*product(UNREADABLE, ENDPOINTS)])
def test_a_label_that_is_not_read_is_refused(
    server: Server, file_ids: dict[str, str], label: str, path: str
) -> None:
    message = refusal(server, path, file_id=file_ids["chelsea"], labels=["dog", label])
    assert repr(label) in message
    assert "labels_lang" in message


@pytest.mark.parametrize(("pair", "path"), [*product(ALIKE, ENDPOINTS)])
def test_labels_that_are_the_same_words_to_the_labeller_are_refused(
    server: Server, file_ids: dict[str, str], pair: tuple[str, str], path: str
) -> None:
    message = refusal(server, path, file_id=file_ids["chelsea"], labels=["dog", *pair])
    assert "tell apart" in message
    assert all(repr(label) in message for label in pair)


@pytest.mark.parametrize("word", UNREADABLE)
def test_a_search_for_what_is_not_read_is_refused(
    server: Server, file_ids: dict[str, str], word: str
) -> None:
    answer = requests.get(f"{server.url}/search", {"q": word}, timeout=60)
    assert answer.status_code == 422
    assert repr(word) in answer.json()["error"]["message"]
    assert repr(word) in refusal(server, "/rank", q=word, file_ids=[file_ids["chelsea"]])


def test_taught_labels_are_read_by_their_words_or_shown_by_examples(
    server: Server, file_ids: dict[str, str]
) -> None:
    assert "'猫猫'" in refusal(server, "/vocabularies", name="cats", labels=["dog", "猫猫"])
    shown = {"name": "猫猫", "examples": [{"file_id": file_ids["chelsea"]}]}
    read = {"name": "🐶", "prompts": ["dog"]}
    answer = requests.post(
        f"{server.url}/vocabularies", json={"name": "cats", "labels": [shown, read]}, timeout=120
    )
    assert answer.status_code == 201, answer.text
    classified = server.post("classify", file_id=file_ids["chelsea"], vocabulary="cats")
    assert [entry["label"] for entry in classified["results"]] == ["猫猫"]
