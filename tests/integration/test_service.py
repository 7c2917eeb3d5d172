"""The running service: concurrency, processes, orientation, sizes."""

import io
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from domain.arrays import Rgb
from tests.conftest import png_bytes
from tools.benchmarks.server import Server, running


def comparable(answer: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in answer.items() if key != "timings_ms"}, sort_keys=True)


def test_eight_clients_get_what_one_gets(server: Server, file_ids: dict[str, str]) -> None:
    bodies: list[dict[str, Any]] = [
        {"masks": "rle", "top_k": 3},
        {"labels": ["cat", "cup", "person"], "max_masks": 12},
        {"prompt_type": "point", "points": [{"x": 100, "y": 100}], "max_masks": 3, "masks": "png"},
        {"prompt_type": "box", "box": [50, 50, 250, 250], "masks": "polygons"},
    ]
    cases = [(file_id, body) for file_id in file_ids.values() for body in bodies]
    alone = [comparable(server.segment(file_id, **body)) for file_id, body in cases]
    order = [index * 7 % len(cases) for index in range(2 * len(cases))]
    with ThreadPoolExecutor(8) as pool:
        together = pool.map(
            lambda index: comparable(server.segment(cases[index][0], **cases[index][1])), order
        )
        assert [alone[index] for index in order] == list(together)


def test_a_fresh_upload_of_the_same_file_gets_the_same_answer(
    server: Server, file_ids: dict[str, str], photographs: dict[str, Rgb]
) -> None:
    again = server.upload(png_bytes(photographs["coffee"]))
    first, second = (comparable(server.segment(file_id)) for file_id in (file_ids["coffee"], again))
    assert first == second


def test_processes_share_the_images(photographs: dict[str, Rgb]) -> None:
    with running(processes=2, decode_workers=1) as service:
        file_id = service.upload(png_bytes(photographs["coffee"]))
        answers = {comparable(service.segment(file_id, max_masks=5)) for _ in range(6)}
        assert len(answers) == 1
        page = requests.get(f"{service.url}/metrics", timeout=10).text
        assert 'seglabel_requests_total{method="POST",path="/segment",status="200"} 6.0' in page


@pytest.mark.parametrize(("orientation", "turns"), [(6, 1), (3, 2), (8, 3)])
def test_coordinates_are_those_of_the_upright_image(
    server: Server, photographs: dict[str, Rgb], orientation: int, turns: int
) -> None:
    rgb = photographs["coffee"]
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.rot90(rgb, turns))).save(buffer, "PNG", exif=exif)
    box = {"prompt_type": "box", "box": [180, 70, 420, 320], "masks": "rle", "overlay": False}
    turned, upright = (
        server.segment(server.upload(data), **box) for data in (buffer.getvalue(), png_bytes(rgb))
    )
    assert turned["labels"] == upright["labels"]
    assert (turned["width"], turned["height"]) == (rgb.shape[1], rgb.shape[0])


@pytest.mark.parametrize("size", [(16, 16), (2000, 16), (16, 2000), (3000, 4000)])
def test_any_size_is_segmented(server: Server, photographs: dict[str, Rgb], size: tuple[int, int]) -> None:
    rgb = np.asarray(Image.fromarray(photographs["coffee"]).resize(size))
    answer = server.segment(server.upload(png_bytes(rgb)), max_masks=8)
    assert (answer["width"], answer["height"]) == size
    assert answer["mask_count"] >= 1


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_nothing_is_answered(server: Server, value: int) -> None:
    answer = server.segment(server.upload(png_bytes(np.full((200, 300, 3), value, np.uint8))))
    assert answer["mask_count"] <= 3


def test_the_queue_is_never_full_before_sixteen_wait(server: Server, file_ids: dict[str, str]) -> None:
    with ThreadPoolExecutor(18) as pool:
        answers = list(pool.map(lambda _: server.segment(file_ids["coffee"], max_masks=3), range(18)))
    assert len({comparable(answer) for answer in answers}) == 1


def test_a_refused_body_does_not_cost_the_connection(server: Server) -> None:
    with requests.Session() as session:
        for method, path, status in (("POST", "/upload", 415), ("PUT", "/segment", 405), ("POST", "/x", 404)):
            answer = session.request(method, server.url + path, json={"image": "0" * 200_000}, timeout=30)
            assert answer.status_code == status
            assert session.get(f"{server.url}/health", timeout=30).ok
        answer = session.post(f"{server.url}/segment/batch", data=b" " * 5_000_000, timeout=30)
        assert answer.json()["error"]["code"] == "too_large"
        assert "4,194,304" in answer.json()["error"]["message"]
        assert session.get(f"{server.url}/health", timeout=30).ok


def test_a_broken_chunked_body_is_malformed(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = b"POST /segment HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + b"zz\r\nbroken\r\n")
        answer = b""
        while b"malformed_request" not in answer and (part := connection.recv(65536)):
            answer += part
    assert b" 400 " in answer.splitlines()[0]
    assert b"malformed_request" in answer
