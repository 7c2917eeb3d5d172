"""Nothing in the picture is answered as nothing, by every endpoint with the embedded models."""

import math
from typing import Any

import numpy as np
import pytest
import requests

from domain.arrays import Rgb
from tests.blank_pictures import BLANK_PICTURES, as_jpeg
from tests.conftest import png_bytes
from tools.benchmarks.server import PATIENCE_S, Server

PICTURES: dict[str, Rgb] = {
    **{
        name: BLANK_PICTURES[name](320, 240)
        for name in (
            "white",
            "black",
            "grey",
            "noise",
            "strong noise",
            "salt noise",
            "from blue to pale",
            "radial",
        )
    },
    **{
        f"{name} as JPEG": as_jpeg(BLANK_PICTURES[name](320, 240), 30)
        for name in ("grey noise", "diagonal", "red frame")
    },
    **{f"tiny {name}": BLANK_PICTURES[name](16, 16) for name in ("red",)},
    "tiny frame as JPEG": as_jpeg(BLANK_PICTURES["black frame"](16, 16), 30),
    **{f"large {name}": BLANK_PICTURES[name](2000, 1500) for name in ("noise",)},
}


@pytest.fixture(scope="module", params=[*PICTURES])
def file_id(server: Server, request: pytest.FixtureRequest) -> str:
    return server.upload(png_bytes(PICTURES[request.param]))


def get(server: Server, path: str, **query: Any) -> requests.Response:
    answer = requests.get(f"{server.url}/{path}", params=query, timeout=PATIENCE_S)
    answer.raise_for_status()
    return answer


def test_there_are_no_regions_and_no_names(server: Server, file_id: str) -> None:
    answer = server.post("analyze", file_id=file_id)
    assert answer["labels"] == []
    assert answer["image_unknown"] > 0.9
    assert max(score["confidence"] for score in answer["image_labels"]) < 0.1
    assert (answer["text"], answer["lines"]) == ("", [])
    assert all(math.isfinite(answer["depth"][bound]) for bound in ("min", "max"))


def test_a_region_that_was_asked_for_has_no_name(server: Server, file_id: str) -> None:
    answer = server.segment(file_id, prompt_type="point", points=[{"x": 5, "y": 5, "label": 1}])
    assert {entry["label"] for entry in answer["labels"]} <= {"unknown"}


@pytest.mark.parametrize("options", [{}, {"labels": ["cat", "dog"]}, {"robust": True}])
def test_no_label_fits(server: Server, file_id: str, options: dict[str, Any]) -> None:
    (result,) = server.post("classify", file_ids=[file_id], **options)["results"]
    assert result["label"] == "unknown"
    assert result["confidence"] > 0.9


def test_the_caption_recognizes_nothing(server: Server, file_id: str) -> None:
    answer = server.post("caption", file_id=file_id)
    assert answer["caption"] == "A photograph of something that none of the known names fits."


def test_nothing_is_not_allowed(server: Server, file_id: str) -> None:
    assert server.post("moderate", file_id=file_id)["decision"] == "allow"


def test_the_index_has_no_regions_of_it(server: Server, file_id: str, file_ids: dict[str, str]) -> None:
    assert server.post("index", file_ids=[file_id])["indexed"][0]["regions"] == 0
    server.post("index", file_ids=[*file_ids.values()])
    for query, name in (("cat", "chelsea"), ("a cup of coffee", "coffee"), ("person", "astronaut")):
        assert get(server, "search", q=query).json()["results"][0]["file_id"] == file_ids[name]
        assert all(
            hit["file_id"] != file_id
            for hit in get(server, "search", q=query, scope="region").json()["results"]
        )


def test_the_depth_is_a_number_everywhere(server: Server, file_id: str) -> None:
    values = np.frombuffer(get(server, f"depth/{file_id}", format="npy").content[-4 * 16 * 16 :], np.float32)
    assert np.isfinite(values).all()
