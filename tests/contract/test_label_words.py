"""Labels mean what the caller wrote, at every endpoint that takes labels."""

import hashlib
import io
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from domain.arrays import Floats, Rgb
from domain.models import TextPrompting
from services.vocabularies.split import COMMAS
from tests.conftest import Build, png_bytes
from tests.contract.pictures import upload
from tests.contract.shapes import check_documented, check_error, check_success
from tests.fakes import ColorEncoder
from tests.unit.services.vocabularies.test_languages import CODES, words_of

SPELLINGS: dict[str, Callable[[str], str]] = {
    "the same": str,
    "upper case": str.upper,
    "title": str.title,
    "NFD": lambda word: unicodedata.normalize("NFD", word),
    "NFD in upper case": lambda word: unicodedata.normalize("NFD", word.upper()),
    "spaces around": lambda word: f"  {word} ",
    "no-break spaces around": lambda word: f"\u00a0{word}\u00a0",
    "ideographic space": lambda word: f"\u3000{word}",
    "byte order mark": lambda word: f"\ufeff{word}",
}

ENDPOINTS = ("/classify", "/segment", "/analyze", "/index", "/caption", "form", "/vocabularies")


class HashEncoder(ColorEncoder):
    """Reads every text differently."""

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        self.texts += texts
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
        rows = np.array([np.random.default_rng(seed).random(3) for seed in seeds], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Asks:
    """Sends labels to an endpoint, in the form that it takes."""

    def __init__(self, client: FlaskClient, rgb: Rgb) -> None:
        self.client = client
        self.file = png_bytes(rgb)
        self.file_id = upload(client, rgb)

    def __call__(self, endpoint: str, labels: Sequence[str], **members: Any) -> Any:
        if endpoint == "form":
            image = (io.BytesIO(self.file), "a.png")
            return self.client.post("/classify", data={"image": image, "labels": labels, **members})
        body = {"file_id": self.file_id, "labels": labels, **members}
        if endpoint == "/vocabularies":
            body = {"name": "taught", "labels": labels, **members}
        answer = self.client.post(endpoint, json=body)
        check_documented(self.client, answer, "post", endpoint)
        return answer

    def named(self, **members: Any) -> list[dict[str, Any]]:
        """The alternatives of /classify."""
        answer = self.client.post("/classify", json={"file_id": self.file_id, "top_k": 1000, **members})
        scores: list[dict[str, Any]] = check_success(answer)["results"][0]["alternatives"]
        return scores


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def asks(build: Build, red_green: Rgb, encoder: HashEncoder) -> Asks:
    return Asks(build(labeller=encoder).test_client(), red_green)


def success(answer: Any) -> dict[str, Any]:
    return check_success(answer, answer.status_code if answer.status_code == 201 else 200)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_a_label_count_once(asks: Asks, endpoint: str, spelling: str) -> None:
    other = SPELLINGS[spelling]("café au lait")
    sent = ["café au lait", "tea", other]
    body = success(asks(endpoint, sent))
    assert body["merged_labels"] == [{"label": "café au lait", "sent": [other.strip(" \u00a0\u3000\ufeff")]}]
    assert "untranslated_labels" not in body
    once = asks.named(labels=sent[:2])
    assert {score["label"] for score in once} == {"café au lait", "tea"}
    assert asks.named(labels=sent) == once
    if endpoint == "/vocabularies":
        assert asks.named(vocabulary="taught") == once
    assert "merged_labels" not in success(asks(endpoint, sent[:2]))


@pytest.mark.parametrize("endpoint", [each for each in ENDPOINTS if each != "/vocabularies"])
@pytest.mark.parametrize("code", CODES)
def test_words_reach_the_text_tower_as_they_were_sent(
    asks: Asks, encoder: HashEncoder, endpoint: str, code: str
) -> None:
    words = words_of(code)[::9]
    encoder.texts.clear()
    body = success(asks(endpoint, words))
    assert {*words} <= {*encoder.texts}
    assert not {"man", "sea", "cat", "dog"} & ({*encoder.texts} - {*words})
    assert not {"merged_labels", "untranslated_labels", "read_as"} & {*body}


@pytest.mark.parametrize("code", CODES)
def test_every_word_of_every_language_is_answered_as_itself(asks: Asks, code: str) -> None:
    for start in range(0, len(words_of(code)), 40):
        words = words_of(code)[start : start + 40]
        plain = asks.named(labels=words)
        assert {score["label"] for score in plain} == {*words}
        assert not any("read_as" in score for score in plain)
        confidences = sorted(score["confidence"] for score in plain)
        english = asks.named(labels=words, lang="en")
        assert sorted(score["confidence"] for score in english) == confidences


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_words_are_translated_where_their_language_is_named(
    asks: Asks, encoder: HashEncoder, endpoint: str
) -> None:
    encoder.texts.clear()
    body = success(asks(endpoint, ["Katze", "Mann", "Waldi"], labels_lang="de"))
    assert body["untranslated_labels"] == ["Waldi"]
    if endpoint == "/vocabularies":
        assert body["vocabulary"]["read_as"] == {"Katze": "cat", "Mann": "man"}
    else:
        assert {"cat", "man", "Waldi"} <= {*encoder.texts}
        assert not {"Katze", "Mann"} & {*encoder.texts}
    scores = asks.named(labels=["Katze", "Mann", "Waldi"], labels_lang="de")
    assert {score["label"]: score.get("read_as") for score in scores} == {
        "Katze": "cat",
        "Mann": "man",
        "Waldi": None,
    }
    english = asks.named(labels=["cat", "man", "Waldi"])
    assert [score["confidence"] for score in scores] == [score["confidence"] for score in english]


class AnyLanguage(HashEncoder):
    """Says of itself that it reads every language."""

    prompting = TextPrompting(("{}",), "crop", 10, multilingual=True)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_multilingual_labeller_reads_the_words(build: Build, red_green: Rgb, endpoint: str) -> None:
    encoder = AnyLanguage()
    asks = Asks(build(labeller=encoder).test_client(), red_green)
    encoder.texts.clear()
    words = ["Auto", "Wagen", "Mann", "Waldi"]
    body = success(asks(endpoint, words, labels_lang="de"))
    assert not {"untranslated_labels", "merged_labels"} & {*body}
    assert "read_as" not in str(body)
    assert endpoint == "/vocabularies" or {*words} <= {*encoder.texts}
    named = asks.named(labels=["Katze", "Waldi"], labels_lang="de", lang="fr")
    assert {score["label"] for score in named} == {"chat", "Waldi"}
    assert not {"cat", "car", "man", "chat"} & {*encoder.texts}


def test_the_chosen_label_says_as_what_it_was_read(asks: Asks) -> None:
    members = {"labels": ["Katze"], "labels_lang": "de"}
    for endpoint, entries in (("/segment", "labels"), ("/analyze", "labels"), ("/classify", "results")):
        for entry in success(asks(endpoint, **members))[entries]:
            assert entry.get("read_as") == ("cat" if entry["label"] == "Katze" else None)
            assert entry["alternatives"] in ([], [{**entry["alternatives"][0], "read_as": "cat"}])
    assert success(asks("/analyze", **members))["image_labels"][0]["read_as"] == "cat"
    named = asks.named(**members, lang="en")
    assert [(score["label"], score["read_as"]) for score in named] == [("cat", "cat")]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("labels", "members", "message"),
    [
        (["Auto", "Wagen"], {"labels_lang": "de"}, "'Auto' and 'Wagen', which are both read as 'car'"),
        (["Katze"], {"labels_lang": "xx"}, "labels_lang: expected one of en, ar, de"),
        (["c\u202eat"], {}, "U+202E"),
        (["caf\ufffd"], {}, "U+FFFD"),
        (["\u200b"], {}, "visible"),
        (["Unknown"], {}, "unknown"),
    ],
)
def test_labels_that_cannot_be_used_are_named(
    asks: Asks, endpoint: str, labels: list[str], members: dict[str, Any], message: str
) -> None:
    error = check_error(asks(endpoint, labels, **members), 422, "invalid_request")
    assert message in error["message"]


@pytest.mark.parametrize("endpoint", ["/classify", "/segment", "/analyze", "/index", "/caption"])
def test_a_language_of_labels_needs_labels(asks: Asks, endpoint: str) -> None:
    for members in ({}, {"vocabulary": "default"}):
        body = {"file_id": asks.file_id, "labels_lang": "de", **members}
        error = check_error(asks.client.post(endpoint, json=body), 422, "invalid_request")
        assert "labels_lang: expected it with `labels` only" in error["message"]


@pytest.mark.parametrize("comma", COMMAS, ids=ascii)
def test_a_form_splits_labels_at_the_commas_of_every_script(asks: Asks, comma: str) -> None:
    body = success(asks("form", [f"red{comma} 猫", "dog"], top_k=9))
    found = {score["label"] for score in body["results"][0]["alternatives"]}
    assert found == {"red", "猫", "dog"}
    json = asks.named(labels=[f"red{comma} 猫", "dog"])
    assert {score["label"] for score in json} == {f"red{comma} 猫", "dog"}


@pytest.mark.parametrize("labels", ["cat,dog", '["cat"]'])
def test_a_string_is_no_list_in_json(asks: Asks, labels: str) -> None:
    error = check_error(asks("/classify", labels), 422, "invalid_request")
    assert "labels: Input should be a valid list" in error["message"]
