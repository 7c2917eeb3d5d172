"""Several prompts in one call, on a real photograph with the embedded models."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from config.settings import ROOT
from tools.benchmarks.server import PATIENCE_S, Server, unique_file

PHOTO = (ROOT / "examples" / "photo.jpg").read_bytes()

PROMPTS: list[dict[str, Any]] = [
    {"box": [76, 16, 480, 388]},
    {"points": [{"x": 365, "y": 280}]},
    {"points": [{"x": 300, "y": 200}, {"x": 120, "y": 330, "label": 0}], "box": [150, 10.5, 430.25, 330]},
    {"points": [{"x": 30, "y": 30}, {"x": 60, "y": 300}]},
    {"box": [599, 399, 600, 400]},
    {"box": [0, 0, 600, 400]},
]

SHARED = {"masks": "rle", "cutouts": True, "overlay": False, "top_k": 3, "labels": ["cup", "spoon", "table"]}

Ask = Callable[[Server, dict[str, Any]], dict[str, Any]]


def by_id(server: Server, options: dict[str, Any]) -> dict[str, Any]:
    return server.segment(server.upload(PHOTO), **options)


def by_form(server: Server, options: dict[str, Any]) -> dict[str, Any]:
    labels = ", ".join(options["labels"])
    fields = {name: json.dumps(value) for name, value in options.items() if name not in ("labels", "masks")}
    return _answer(
        requests.post(
            f"{server.url}/segment",
            files={"image": ("photo.jpg", io.BytesIO(unique_file(PHOTO)))},
            data={**fields, "labels": labels, "masks": options["masks"]},
            timeout=PATIENCE_S,
        )
    )


def by_base64(server: Server, options: dict[str, Any]) -> dict[str, Any]:
    return server.post("segment", image=base64.b64encode(unique_file(PHOTO)).decode(), **options, store=False)


def by_batch(server: Server, options: dict[str, Any]) -> dict[str, Any]:
    accepted = server.post("segment/batch", file_ids=[server.upload(PHOTO)], **options)
    url = server.url + accepted["status_url"]
    # The stream of events ends with the job.
    requests.get(f"{url}/events", timeout=PATIENCE_S).raise_for_status()
    (item,) = requests.get(url, timeout=PATIENCE_S).json()["items"]
    return dict(item["result"])


def _answer(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    return dict(answer.json())


def alone(path: str, server: Server, prompt: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The entry of a call with one prompt, about bytes of which nothing is cached."""
    kind = "box" if "box" in prompt else "point"
    answer = server.post(path, file_id=server.upload(PHOTO), prompt_type=kind, **prompt, **options)
    (entry,) = answer["labels"]
    return {name: value for name, value in entry.items() if name not in ("mask_index", "parent")}


@pytest.fixture(scope="module")
def single(server: Server) -> list[dict[str, Any]]:
    return [alone("segment", server, prompt, **SHARED) for prompt in PROMPTS]


@pytest.mark.parametrize("ask", [by_id, by_form, by_base64, by_batch])
def test_several_prompts_equal_single_calls_bit_for_bit(
    server: Server, single: list[dict[str, Any]], ask: Ask
) -> None:
    entries = ask(server, {**SHARED, "prompts": PROMPTS})["labels"]
    assert [(entry.pop("mask_index"), entry.pop("prompt_index")) for entry in entries] == [
        (index, index) for index in range(len(PROMPTS))
    ]
    assert entries == single


def test_an_analysis_of_several_prompts_equals_single_ones(server: Server) -> None:
    options = {**SHARED, "text": False}
    entries = server.post("analyze", file_id=server.upload(PHOTO), prompts=PROMPTS[:3], **options)["labels"]
    for prompt, entry in zip(PROMPTS, entries, strict=False):
        expected = alone("analyze", server, prompt, **options)
        # The rank is the place among the regions of the call.
        assert (entry["depth"].pop("rank"), expected["depth"].pop("rank")) in {(1, 1), (2, 1), (3, 1)}
        assert {name: entry[name] for name in expected} == expected
