"""GET /depth with the embedded network on real photographs."""

import io

import numpy as np
import requests

from domain.arrays import Floats
from tools.benchmarks.server import Server


def _depth(server: Server, file_id: str) -> Floats:
    answer = requests.get(f"{server.url}/depth/{file_id}?format=npy", timeout=60)
    assert answer.ok, answer.text
    values: Floats = np.load(io.BytesIO(answer.content))
    return values


def test_the_astronaut_is_nearer_than_what_is_behind_her(server: Server, file_ids: dict[str, str]) -> None:
    depth = _depth(server, file_ids["astronaut"])
    assert depth.shape == (512, 512)
    assert np.median(depth[200:480, 180:300]) > np.median(depth[60:200, 330:420])


def test_the_cup_is_nearer_than_the_far_corner(server: Server, file_ids: dict[str, str]) -> None:
    depth = _depth(server, file_ids["coffee"])
    assert np.median(depth[60:280, 200:380]) > np.median(depth[:60, :120])


def test_the_second_answer_is_the_first(server: Server, file_ids: dict[str, str]) -> None:
    first, second = (_depth(server, file_ids["chelsea"]) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    answer = requests.get(f"{server.url}/depth/{file_ids['chelsea']}", timeout=60).json()
    assert (answer["kind"], answer["models"]["depth"]["name"]) == ("relative", "depth-lite0")
    assert (answer["min"], answer["max"]) == (float(first.min()), float(first.max()))
