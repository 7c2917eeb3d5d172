"""/vocabularies, and taught vocabularies where names are asked for."""

import base64
import io
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from adapters.sqlite.vocabularies import SqliteVocabularyStore
from app import create_app
from config.settings import Settings
from domain.arrays import Floats, Rgb
from domain.errors import ModelUnavailable
from tests.conftest import Build, fake_services, png_bytes
from tests.contract.pictures import Newer, plain, upload
from tests.contract.shapes import check_documented, check_error, check_success
from tests.fakes import ColorEncoder

ABSENT = "0" * 32
ONE = "/vocabularies/{name}"
RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 20, 250)


def url(rgb: Rgb) -> str:
    return "data:image/png;base64," + base64.b64encode(png_bytes(rgb)).decode()


def teach(client: FlaskClient, name: str, *labels: Any) -> dict[str, Any]:
    answer = client.post("/vocabularies", json={"name": name, "labels": [*labels]})
    check_documented(client, answer, "post", "/vocabularies")
    entry: dict[str, Any] = check_success(answer, 201)["vocabulary"]
    return entry


def shown(name: str, *examples: dict[str, Any], **words: list[str]) -> dict[str, Any]:
    return {"name": name, "examples": [*examples], **words}


def get(client: FlaskClient, path: str, documented: str = "") -> dict[str, Any]:
    answer = client.get(path)
    check_documented(client, answer, "get", documented or path.split("?")[0])
    return check_success(answer)


def classified(client: FlaskClient, file_id: str, vocabulary: str) -> dict[str, Any]:
    body = {"file_id": file_id, "vocabulary": vocabulary}
    entry: dict[str, Any] = check_success(client.post("/classify", json=body))["results"][0]
    return entry


def test_words_alone_answer_as_a_list_of_names_does(client: FlaskClient, file_id: str) -> None:
    entry = teach(client, "colors", "red", {"name": "grass", "prompts": ["green"], "aliases": ["blue"]})
    assert entry == {
        "name": "colors",
        "built_in": False,
        "version": 1,
        "versions": [1],
        "created": entry["created"],
        "labels": 2,
        "examples": {},
    }
    teach(client, "plain", "red", "green", "blue")
    listed = client.post("/classify", json={"file_id": file_id, "labels": ["red", "green", "blue"]})
    same = listed.get_json()["results"][0]
    assert classified(client, file_id, "plain") == same
    segment = {"file_id": file_id, "max_masks": 4, "overlay": False}
    labels = client.post("/segment", json={**segment, "vocabulary": "colors"}).get_json()["labels"]
    assert {label["label"] for label in labels} <= {"red", "grass", "unknown"}


def test_examples_give_a_name_to_what_words_do_not(client: FlaskClient) -> None:
    file_id = upload(client, plain(BLUE))
    teach(client, "words", "zyx", "red")
    assert classified(client, file_id, "words")["label"] != "zyx"
    entry = teach(
        client, "fruit", shown("zyx", {"file_id": file_id}, {"image": url(plain((9, 40, 240)))}), "red"
    )
    assert entry["examples"] == {"zyx": 2}
    found = classified(client, file_id, "fruit")
    assert found["label"] == "zyx"
    assert classified(client, upload(client, plain(RED)), "fruit")["label"] == "red"
    segmented = client.post("/segment", json={"file_id": file_id, "vocabulary": "fruit", "overlay": False})
    assert {label["label"] for label in check_success(segmented)["labels"]} == {"zyx"}
    analyzed = client.post("/analyze", json={"file_id": file_id, "vocabulary": "fruit", "overlay": False})
    assert check_success(analyzed)["image_labels"][0]["label"] == "zyx"


def test_regions_as_examples(client: FlaskClient, file_id: str) -> None:
    box, point = {"box": [100, 20, 150, 70]}, {"points": [{"x": 30, "y": 40}]}
    teach(
        client,
        "halves",
        shown("right", {"file_id": file_id, **box}),
        shown("left", {"file_id": file_id, **point}),
    )
    exported = get(client, "/vocabularies/halves", ONE)
    for label, color in zip(exported["labels"], (GREEN, RED), strict=True):
        (example,) = label["examples"]
        file = base64.b64decode(example["image"].split(",")[1])
        mean = np.asarray(Image.open(io.BytesIO(file)).convert("RGB")).mean(axis=(0, 1))
        assert np.abs(mean - color).max() < 12
    assert classified(client, upload(client, plain(GREEN)), "halves")["label"] == "right"


def test_versions(client: FlaskClient) -> None:
    file_id = upload(client, plain(BLUE))
    teach(client, "fruit", "zyx", "red")
    before = classified(client, file_id, "fruit")
    entry = teach(client, "fruit", shown("zyx", {"file_id": file_id}), "red")
    assert (entry["version"], entry["versions"]) == (2, [1, 2])
    assert classified(client, file_id, "fruit")["label"] == "zyx"
    assert classified(client, file_id, "fruit@2")["label"] == "zyx"
    assert classified(client, file_id, "fruit@1") == before
    assert get(client, "/vocabularies/fruit?version=1", ONE)["labels"][0]["examples"] == []
    assert get(client, "/vocabularies/fruit@2", ONE)["version"] == 2
    assert get(client, "/labels?vocabulary=fruit")["vocabulary"] == "fruit@2"
    for wrong in ("fruit@3", "fruit@", "fruit@x", "fruit@1@2"):
        answer = client.post("/classify", json={"file_id": file_id, "vocabulary": wrong})
        check_error(answer, 422, "unknown_vocabulary")
        check_error(client.get(f"/vocabularies/{wrong}"), 404, "not_found")


def test_listing_exporting_importing_deleting(client: FlaskClient) -> None:
    file_id = upload(client, plain(BLUE))
    teach(client, "fruit", shown("zyx", {"file_id": file_id}, prompts=["red"], aliases=["pomme"]), "green")
    listed = {entry["name"]: entry for entry in get(client, "/vocabularies")["vocabularies"]}
    assert listed["default"]["built_in"]
    assert listed["default"]["version"] is None
    assert (listed["fruit"]["labels"], listed["fruit"]["examples"]) == (2, {"zyx": 1})
    assert {"default", "fruit"} <= set(get(client, "/labels")["vocabularies"])
    exported = get(client, "/vocabularies/fruit", ONE)
    assert exported["labels"][0]["prompts"] == ["red"]
    assert get(client, "/vocabularies/default", ONE)["built_in"]

    before = classified(client, file_id, "fruit")
    copy = client.post("/vocabularies", json={**exported, "name": "copy"})
    check_success(copy, 201)
    assert get(client, "/vocabularies/copy", ONE)["labels"] == exported["labels"]
    assert classified(client, file_id, "copy") == before

    removed = client.delete("/vocabularies/fruit")
    check_documented(client, removed, "delete", ONE)
    assert check_success(removed)["name"] == "fruit"
    check_error(client.delete("/vocabularies/fruit"), 404, "not_found")
    check_error(client.get("/vocabularies/fruit"), 404, "not_found")
    assert classified(client, file_id, "copy") == before
    assert teach(client, "fruit", "red")["version"] == 2


def test_examples_outlive_their_photographs_and_the_process(build: Build, settings: Settings) -> None:
    client = build().test_client()
    blue = upload(client, plain(BLUE))
    teach(client, "fruit", shown("zyx", {"file_id": blue}), "red")
    (settings.data_dir / "images" / blue).rename(settings.data_dir / "away")
    again = build().test_client()
    file_id = upload(again, plain(BLUE))
    assert classified(again, file_id, "fruit")["label"] == "zyx"
    newer = build(labeller=Newer()).test_client()
    assert classified(newer, file_id, "fruit")["label"] == "zyx"


def test_another_process_finds_it_at_once(build: Build) -> None:
    one, other = build().test_client(), build().test_client()
    file_id = upload(one, plain(BLUE))
    for number in range(1, 4):
        teach(one, "fruit", shown("zyx", {"file_id": file_id}), *(["red", "green", "field"][:number]))
        assert get(other, "/labels?vocabulary=fruit")["vocabulary"] == f"fruit@{number}"
        assert classified(other, file_id, "fruit")["label"] == "zyx"
    one.delete("/vocabularies/fruit")
    check_error(other.get("/labels?vocabulary=fruit"), 422, "unknown_vocabulary")


def test_teaching_while_others_ask(build: Build) -> None:
    app = build()
    client = app.test_client()
    file_id = upload(client, plain(BLUE))
    teach(client, "fruit", shown("zyx", {"file_id": file_id}), "red")
    wrong: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        mine = app.test_client()
        while not ended.is_set():
            body = {"file_id": file_id, "vocabulary": "fruit"}
            answer = mine.post("/classify", json=body)
            if answer.status_code != 200 or answer.get_json()["results"][0]["label"] != "zyx":
                wrong.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(15):
            color = (number, 20, 240)
            teach(client, "fruit", shown("zyx", {"file_id": file_id}, {"image": url(plain(color))}), "red")
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert not wrong
    assert get(client, "/vocabularies/fruit", ONE)["version"] == 16
    check_error(client.get("/vocabularies/fruit?version=3"), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "default", "labels": ["a"]}, 409, "reserved_name"),
        ({"name": "a b", "labels": ["a"]}, 422, "invalid_request"),
        ({"name": "a@2", "labels": ["a"]}, 422, "invalid_request"),
        ({"name": "", "labels": ["a"]}, 422, "invalid_request"),
        ({"labels": ["a"]}, 422, "invalid_request"),
        ({"name": "a", "labels": []}, 422, "invalid_request"),
        ({"name": "a", "labels": ["a"] * 1001}, 422, "invalid_request"),
        ({"name": "a", "labels": ["Katze", "Hund"], "labels_lang": "xx"}, 422, "invalid_request"),
        ({"name": "a", "labels": [{"name": "a", "prompts": [" "]}]}, 422, "invalid_request"),
        ({"name": "a", "labels": [{"name": "a", "aliases": ["\ufffd"]}]}, 422, "invalid_request"),
        ({"name": "a", "labels": ["unknown"]}, 422, "invalid_request"),
        ({"name": "a", "labels": [" "]}, 422, "invalid_request"),
        ({"name": "a", "labels": ["a"], "colour": 1}, 422, "invalid_request"),
        ({"name": "a", "labels": [{"name": "a", "example": []}]}, 422, "invalid_request"),
        ({"name": "a", "labels": [{"name": "a", "examples": [{}]}]}, 422, "invalid_request"),
        ({"name": "a", "labels": [shown("a", {"file_id": ABSENT})]}, 404, "not_found"),
        ({"name": "a", "labels": [shown("a", {"file_id": "a", "image": "b"})]}, 422, "invalid_request"),
        ({"name": "a", "labels": [shown("a", {"image": "b", "box": [0, 0, 1, 1]})]}, 422, "invalid_request"),
        ({"name": "a", "labels": [shown("a", {"image": "nothing"})]}, 422, "invalid_request"),
        ({"name": "a", "labels": [shown("a", {"image": "data:image/png;base64,!"})]}, 422, "invalid_request"),
        (
            {"name": "a", "labels": [shown("a", {"image": "data:image/png;base64,AAAA"})]},
            415,
            "unsupported_media",
        ),
        (
            {"name": "a", "labels": [shown("a", *([{"file_id": ABSENT}] * 65))]},
            422,
            "invalid_request",
        ),
    ],
)
def test_what_is_refused(client: FlaskClient, body: dict[str, Any], status: int, code: str) -> None:
    answer = client.post("/vocabularies", json=body)
    check_error(answer, status, code)
    check_documented(client, answer, "post", "/vocabularies")
    assert all(entry["built_in"] for entry in get(client, "/vocabularies")["vocabularies"])


def test_regions_that_are_not_there(client: FlaskClient, file_id: str) -> None:
    outside = [{"box": [0, 0, 500, 500]}, {"points": [{"x": 500, "y": 1}]}]
    for region in (*outside, {"points": [{"x": 1, "y": 1, "label": 0}]}):
        body = {"name": "a", "labels": [shown("a", {"file_id": file_id, **region})]}
        check_error(client.post("/vocabularies", json=body), 422, "invalid_request")


def test_what_comes_with_the_service_stays(client: FlaskClient) -> None:
    answer = client.delete("/vocabularies/default")
    check_error(answer, 409, "reserved_name")
    check_documented(client, answer, "delete", ONE)
    for path in ("/vocabularies/none", "/vocabularies/default?version=1"):
        answer = client.get(path)
        check_error(answer, 404, "not_found")
        check_documented(client, answer, "get", ONE)
    check_error(client.get("/vocabularies/default?version=0"), 422, "invalid_request")


def test_no_more_than_may_be_kept(settings: Settings) -> None:
    small = settings.model_copy(update={"taught_bytes": 1024})
    client = create_app(small, fake_services(small)).test_client()
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    answer = client.post("/vocabularies", json={"name": "a", "labels": [shown("a", {"image": url(noise)})]})
    check_error(answer, 413, "too_large")
    check_error(client.get("/vocabularies/a"), 404, "not_found")
    assert teach(client, "a", "b")["version"] == 1


def test_a_body_may_be_as_large_as_an_upload(settings: Settings) -> None:
    roomy = settings.model_copy(update={"max_upload_bytes": 6_000_000})
    client = create_app(roomy, fake_services(roomy)).test_client()
    large = {"name": "a", "labels": ["b"], "timings_ms": "x" * 5_000_000}
    assert client.post("/vocabularies", json=large).status_code == 201
    large["timings_ms"] = "x" * 7_000_000
    check_error(client.post("/vocabularies", json=large), 413, "too_large")


def test_without_a_labeller(build: Build, red_green: Rgb) -> None:
    client = build(labeller=ModelUnavailable("no weights")).test_client()
    assert teach(client, "words", "red")["version"] == 1
    file_id = upload(client, red_green)
    body = {"name": "a", "labels": [shown("a", {"file_id": file_id})]}
    check_error(client.post("/vocabularies", json=body), 503, "model_unavailable")


def test_a_store_that_cannot_be_kept(client: FlaskClient, settings: Settings, file_id: str) -> None:
    (settings.data_dir / "vocabularies.sqlite").mkdir()
    for answer in (
        client.post("/vocabularies", json={"name": "a", "labels": ["b"]}),
        client.get("/vocabularies"),
        client.delete("/vocabularies/a"),
        client.post("/segment", json={"file_id": file_id, "vocabulary": "a"}),
    ):
        check_error(answer, 503, "storage_unavailable")
    assert client.post("/segment", json={"file_id": file_id, "overlay": False}).status_code == 200


def test_equal_labels_become_one_with_the_words_and_examples_of_all(client: FlaskClient) -> None:
    file_id = upload(client, plain(BLUE))
    body = {
        "name": "pets",
        "labels": [
            {"name": "Minka", "aliases": ["puss"]},
            "dog",
            shown(" MINKA", {"file_id": file_id}, prompts=["blue cat"]),
        ],
    }
    answer = check_success(client.post("/vocabularies", json=body), 201)
    assert answer["merged_labels"] == [{"label": "Minka", "sent": ["MINKA"]}]
    assert (answer["vocabulary"]["labels"], answer["vocabulary"]["examples"]) == (2, {"Minka": 1})
    label = get(client, "/vocabularies/pets", ONE)["labels"][0]
    assert (label["name"], label["prompts"], label["aliases"]) == ("Minka", ["Minka", "blue cat"], ["puss"])
    assert classified(client, file_id, "pets")["label"] == "Minka"


def test_words_of_another_language(client: FlaskClient) -> None:
    file_id = upload(client, plain(BLUE))
    body = {
        "name": "tiere",
        "labels_lang": "de",
        "labels": ["Katze", {"name": "Waldi", "aliases": ["Hund"]}, {"name": "Kuh", "prompts": ["blue cow"]}],
    }
    answer = client.post("/vocabularies", json=body)
    check_documented(client, answer, "post", "/vocabularies")
    taught = check_success(answer, 201)
    assert taught["vocabulary"]["labels_lang"] == "de"
    assert taught["vocabulary"]["read_as"] == {"Katze": "cat", "Hund": "dog"}
    assert taught["untranslated_labels"] == ["Waldi"]
    assert get(client, "/vocabularies")["vocabularies"][-1] == taught["vocabulary"]
    assert get(client, "/labels?vocabulary=tiere")["read_as"] == {"Katze": "cat", "Hund": "dog"}
    english = get(client, "/labels?vocabulary=tiere&lang=en")
    assert english["labels"] == ["cat", "Waldi", "cow"]
    assert english["read_as"] == {"cat": "cat", "Hund": "dog"}
    exported = get(client, "/vocabularies/tiere", ONE)
    assert (exported["labels_lang"], exported["read_as"]) == ("de", {"Katze": "cat", "Hund": "dog"})
    assert exported["labels"][1]["aliases"] == ["Hund"]
    copy = client.post("/vocabularies", json={**exported, "name": "copy"})
    assert check_success(copy, 201)["vocabulary"]["read_as"] == exported["read_as"]
    found = client.post("/classify", json={"file_id": file_id, "vocabulary": "copy", "top_k": 3})
    (entry,) = check_success(found)["results"]
    assert (entry["label"], "read_as" in entry) == ("Kuh", False)
    read = {score["label"]: score.get("read_as") for score in entry["alternatives"]}
    assert read == {"Kuh": None, "Katze": "cat", "Waldi": None}


@pytest.mark.parametrize("path", ["/segment", "/classify", "/analyze"])
def test_a_vocabulary_that_is_deleted_while_it_is_used(build: Build, path: str) -> None:
    teacher = build().test_client()
    file_id = upload(teacher, plain(BLUE))
    teach(teacher, "fruit", shown("zyx", {"file_id": file_id}), "red")

    class Deletes(Newer):
        """Another process, whose vocabulary is deleted while it reads the names."""

        def encode_texts(self, texts: Sequence[str]) -> Floats:
            teacher.delete("/vocabularies/fruit")
            return super().encode_texts(texts)

    answer = (
        build(labeller=Deletes()).test_client().post(path, json={"file_id": file_id, "vocabulary": "fruit"})
    )
    check_error(answer, 404, "not_found")
    assert "deleted meanwhile" in answer.text
    assert teacher.post("/segment", json={"file_id": file_id, "vocabulary": "fruit"}).status_code == 422


def test_what_is_deleted_right_after_it_was_kept_was_made(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = SqliteVocabularyStore.put

    def put_and_lose(store: SqliteVocabularyStore, name: str, *rest: Any) -> Any:
        taught = put(store, name, *rest)
        store.remove(name)
        return taught

    monkeypatch.setattr(SqliteVocabularyStore, "put", put_and_lose)
    entry = teach(client, "a", shown("zyx", {"image": url(plain(BLUE))}))
    assert (entry["version"], entry["versions"]) == (1, [])


def test_nothing_is_kept_that_the_labeller_cannot_look_at(build: Build) -> None:
    class Fails(ColorEncoder):
        """Cannot look."""

        def encode_images(self, crops: Sequence[Rgb]) -> Floats:
            raise RuntimeError(f"no memory for {len(crops)}")

    client = build(labeller=Fails()).test_client()
    body = {"name": "a", "labels": [shown("zyx", {"image": url(plain(BLUE))})]}
    check_error(client.post("/vocabularies", json=body), 500, "internal_error")
    check_error(client.get("/vocabularies/a"), 404, "not_found")


@pytest.mark.parametrize(
    ("name", "labels", "code", "message"),
    [
        ("default", [], "reserved_name", "is built in and cannot be changed"),
        ("a b", [], "invalid_request", "name: expected"),
        ("a", ["b\u202e"], "invalid_request", "U+202E"),
        (
            "a",
            [shown(str(row), aliases=["x"] * 32) for row in range(125)],
            "invalid_request",
            "4,000 prompts",
        ),
    ],
)
def test_pictures_are_read_after_all_else_is_checked(
    client: FlaskClient, name: str, labels: list[Any], code: str, message: str
) -> None:
    body = {"name": name, "labels": [*labels, shown("c", {"image": "no picture"})]}
    answer = client.post("/vocabularies", json=body)
    assert (answer.get_json()["error"]["code"], message in answer.text) == (code, True), answer.text


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("", "labels.0: String should have at least 1 character, got ''"),
        (5, "labels.0: Input should be a label, or an object with `name`, got 5"),
        ({"name": "a", "example": []}, "labels.0.example: Extra inputs are not permitted, got []"),
    ],
)
def test_messages_name_the_member_once(client: FlaskClient, label: Any, message: str) -> None:
    answer = client.post("/vocabularies", json={"name": "a", "labels": [label]})
    assert answer.get_json()["error"]["message"] == message


@pytest.mark.parametrize(
    "sent", ["data:image/png;base64,é", "data:image/png;base64,\ud800", "data:image/png;base64,=="]
)
def test_an_example_that_is_no_base64_is_refused(client: FlaskClient, sent: str) -> None:
    body = {"name": "odd", "labels": [{"name": "a", "examples": [{"image": sent}]}]}
    check_error(client.post("/vocabularies", json=body), 422, "invalid_request")


def test_a_version_beyond_all_numbers_is_refused(client: FlaskClient) -> None:
    check_error(client.get("/vocabularies/odd?version=9223372036854775808"), 422, "invalid_request")
