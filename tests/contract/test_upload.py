"""POST /upload: what it keeps, and what it refuses."""

import io
import struct
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from config.settings import Settings
from domain.arrays import Rgb
from tests.conftest import Build, png_bytes
from tests.contract.shapes import check_documented, check_error, check_success
from tests.contract.test_jobs import submit, until
from tests.fakes import DiscSegmenter


def _upload(client: FlaskClient, data: bytes, name: str = "photo.jpg"):
    return client.post("/upload", data={"image": (io.BytesIO(data), name)})


def _encoded(rgb: Rgb, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF"])
def test_every_format_is_kept(client: FlaskClient, red_green: Rgb, kind: str) -> None:
    answer = _upload(client, _encoded(red_green, kind))
    body = check_success(answer, 201)
    assert (body["width"], body["height"], body["format"]) == (160, 96, kind)
    assert len(body["file_id"]) == 32
    assert body["expires_at"].endswith("+00:00")
    check_documented(client, answer, "post", "/upload")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_further_pages_are_told(client: FlaskClient, red_green: Rgb, kind: str) -> None:
    pages = [Image.fromarray(red_green // share) for share in (2, 3)]
    answer = _upload(client, _encoded(red_green, kind, save_all=True, append_images=pages))
    assert check_success(answer, 201)["page_count"] == 3
    check_documented(client, answer, "post", "/upload")
    assert "page_count" not in check_success(_upload(client, _encoded(red_green, kind)), 201)


def test_a_raw_body_is_as_good_as_a_form(client: FlaskClient, red_green: Rgb) -> None:
    for content_type in ("image/png", "application/octet-stream", "application/x-www-form-urlencoded"):
        answer = client.post("/upload", data=png_bytes(red_green), content_type=content_type)
        assert check_success(answer, 201)["width"] == 160


def test_size_is_that_of_the_upright_image(client: FlaskClient, red_green: Rgb) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    body = check_success(_upload(client, _encoded(red_green, "JPEG", exif=exif)), 201)
    assert (body["width"], body["height"]) == (96, 160)


def test_file_ids_differ(client: FlaskClient, red_green: Rgb) -> None:
    first, second = (_upload(client, png_bytes(red_green)).get_json()["file_id"] for _ in range(2))
    assert first != second


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels to speak of."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


def test_a_header_bomb_is_refused_undecoded(client: FlaskClient) -> None:
    answer = _upload(client, _png_header(30_000, 30_000))
    error = check_error(answer, 413, "too_large")
    assert "30000" in error["message"].replace(",", "")
    check_documented(client, answer, "post", "/upload")


@pytest.mark.parametrize(
    ("data", "status", "code", "words"),
    [
        (b"", 400, "malformed_request", "empty"),
        (b"this is no photograph", 415, "unsupported_media", "JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media", "JPEG"),
    ],
)
def test_what_is_no_image_is_refused(
    client: FlaskClient, data: bytes, status: int, code: str, words: str
) -> None:
    answer = _upload(client, data)
    assert words in check_error(answer, status, code)["message"]
    check_documented(client, answer, "post", "/upload")


def test_a_truncated_jpeg_is_refused(client: FlaskClient) -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8)
    data = _encoded(rgb, "JPEG")
    check_error(_upload(client, data[: len(data) // 2]), 422, "invalid_image")


def test_one_pixel_is_refused(client: FlaskClient) -> None:
    error = check_error(_upload(client, png_bytes(np.zeros((1, 1, 3), np.uint8))), 422, "invalid_image")
    assert "16" in error["message"]
    assert "1" in error["message"]


def test_a_body_over_the_limit_is_refused(client: FlaskClient) -> None:
    for content_type in ("image/jpeg", "multipart/form-data; boundary=x"):
        answer = client.post("/upload", data=b"0" * 2_200_000, content_type=content_type)
        check_error(answer, 413, "too_large")


def test_a_form_without_the_field_says_what_came(client: FlaskClient) -> None:
    answer = client.post("/upload", data={"photo": (io.BytesIO(b"x"), "a.jpg"), "note": "hi"})
    error = check_error(answer, 400, "malformed_request")
    assert "`image`" in error["message"]
    assert "note (text), photo" in error["message"]


def test_no_body_and_json_are_refused(client: FlaskClient) -> None:
    check_error(client.post("/upload"), 400, "malformed_request")
    check_error(client.post("/upload", json={"image": "x"}), 415, "unsupported_media")


def test_nothing_stays_behind_of_a_refused_file(client: FlaskClient, settings) -> None:
    _upload(client, b"no image")
    assert not [path for path in settings.data_dir.rglob("*") if path.is_file()]


def test_the_answer_says_what_lies_behind_transparent_pixels(client: FlaskClient) -> None:
    for level, background in ((0, "white"), (255, "grey")):
        drawing = np.zeros((48, 48, 4), np.uint8)
        drawing[16:32, 16:32] = (level, level, level, 255)
        answer = _upload(client, _encoded(drawing, "PNG"))
        assert check_success(answer, 201)["background"] == background
        check_documented(client, answer, "post", "/upload")
        shown = client.get(f"/upload/{answer.get_json()['file_id']}/image")
        corner = Image.open(io.BytesIO(shown.data)).getpixel((0, 0))
        assert corner == {"white": (255, 255, 255), "grey": (128, 128, 128)}[background]


def test_the_answer_is_silent_where_there_is_nothing_to_say(client: FlaskClient, red_green: Rgb) -> None:
    assert {"background", "warnings"}.isdisjoint(check_success(_upload(client, png_bytes(red_green)), 201))


def test_the_answer_says_that_a_profile_was_not_applied(client: FlaskClient, red_green: Rgb) -> None:
    answer = _upload(client, _encoded(red_green, "PNG", icc_profile=b"no profile"))
    assert "profile was not applied" in check_success(answer, 201)["warnings"][0]
    check_documented(client, answer, "post", "/upload")


def test_the_image_is_the_upright_pixels(client: FlaskClient, red_green: Rgb) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file_id = _upload(client, _encoded(red_green, "PNG", exif=exif)).get_json()["file_id"]
    answer = client.get(f"/upload/{file_id}/image")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.headers["X-Request-ID"]
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(answer.data))), np.rot90(red_green, -1))


def test_an_image_that_is_not_there(client: FlaskClient) -> None:
    for file_id in ("0" * 32, "none"):
        answer = client.get(f"/upload/{file_id}/image")
        check_error(answer, 404, "not_found")
        check_documented(client, answer, "get", "/upload/{file_id}/image")


def test_the_specification_knows_the_image(client: FlaskClient) -> None:
    answers = client.get("/openapi.json").get_json()["paths"]["/upload/{file_id}/image"]["get"]["responses"]
    assert set(answers["200"]["content"]) == {"image/png"}


def test_the_facts_are_those_of_the_upload(client: FlaskClient, red_green: Rgb) -> None:
    pages = [Image.fromarray(red_green // 2)]
    data = _encoded(red_green, "GIF", save_all=True, append_images=pages)
    uploaded = check_success(_upload(client, data), 201)
    answer = client.get(f"/upload/{uploaded['file_id']}")
    check_documented(client, answer, "get", "/upload/{file_id}")
    facts = check_success(answer)
    assert facts.pop("bytes") == len(data)
    assert facts.pop("created_at") < facts["expires_at"]
    assert without_timings(facts) == without_timings(uploaded)


def without_timings(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "timings_ms"}


DERIVED = ("/segment", "/analyze", "/classify", "/caption", "/moderate", "/index", "/extract_text", "/depth")


def test_nothing_is_left_of_a_deleted_upload(client: FlaskClient, red_green: Rgb, settings: Settings) -> None:
    file_id = _upload(client, png_bytes(red_green)).get_json()["file_id"]
    for path in DERIVED:
        check_success(client.post(path, json={"file_id": file_id}))
    job = submit(client, "/segment", file_id=file_id)
    assert until(client, job, "succeeded")["result"]["mask_count"] > 0
    answer = client.delete(f"/upload/{file_id}")
    check_documented(client, answer, "delete", "/upload/{file_id}")
    assert check_success(answer)["file_id"] == file_id
    for method, path in (
        ("GET", f"/upload/{file_id}"),
        ("DELETE", f"/upload/{file_id}"),
        ("GET", f"/upload/{file_id}/image"),
        ("GET", job),
        ("DELETE", f"/index/{file_id}"),
    ):
        check_error(client.open(path, method=method), 404, "not_found")
    for path in DERIVED:
        check_error(client.post(path, json={"file_id": file_id}), 404, "not_found")
    assert client.get("/index").get_json()["images"] == 0
    held = [
        line for line in client.get("/metrics").text.splitlines() if line.startswith("seglabel_cache_bytes")
    ]
    about_texts = ('"vocabularies"', '"heads"')
    assert len(held) == 6
    assert all(float(line.split()[-1]) == 0 for line in held if not any(name in line for name in about_texts))
    assert not [*(settings.data_dir / "images").iterdir()]


def test_what_another_upload_of_the_same_bytes_uses_stays(build: Build, red_green: Rgb) -> None:
    segmenter = DiscSegmenter()
    client = build(segmenter=segmenter).test_client()
    first, second = (_upload(client, png_bytes(red_green)).get_json()["file_id"] for _ in range(2))
    for file_id in (first, second):
        check_success(client.post("/index", json={"file_id": file_id}))
    check_success(client.delete(f"/upload/{first}"))
    found = client.get("/search?q=red").get_json()["results"]
    assert [entry["file_id"] for entry in found] == [second]
    check_success(client.post("/segment", json={"file_id": second}))
    assert segmenter.encoded == 1
    check_success(client.delete(f"/upload/{second}"))
    again = _upload(client, png_bytes(red_green)).get_json()["file_id"]
    check_success(client.post("/segment", json={"file_id": again}))
    assert segmenter.encoded == 2


def test_a_batch_loses_the_answer_and_keeps_the_others(client: FlaskClient, red_green: Rgb) -> None:
    gone, kept = (_upload(client, png_bytes(red_green // share)).get_json()["file_id"] for share in (1, 2))
    job = submit(client, "/segment/batch", file_ids=[gone, kept])
    until(client, job, "succeeded")
    check_success(client.delete(f"/upload/{gone}"))
    answer = client.get(job)
    check_documented(client, answer, "get", "/jobs/{job_id}")
    lost, left = answer.get_json()["items"]
    assert (lost["state"], lost["error"]["code"], left["state"]) == ("failed", "not_found", "succeeded")
    assert "result" not in lost


def test_taught_examples_stay(client: FlaskClient, red_green: Rgb) -> None:
    file_id = _upload(client, png_bytes(red_green)).get_json()["file_id"]
    labels = [{"name": "mine", "examples": [{"file_id": file_id}]}, {"name": "other", "prompts": ["green"]}]
    check_success(client.post("/vocabularies", json={"name": "taught", "labels": labels}), 201)
    check_success(client.delete(f"/upload/{file_id}"))
    check_success(client.get("/vocabularies/taught"))
    again = _upload(client, png_bytes(red_green)).get_json()["file_id"]
    check_success(client.post("/classify", json={"file_id": again, "vocabulary": "taught"}))


RACING: dict[str, Callable[[FlaskClient, str], TestResponse]] = {
    **{
        path: lambda client, file_id, path=path: client.post(path, json={"file_id": file_id})
        for path in DERIVED
    },
    "job": lambda client, file_id: client.post("/segment", json={"file_id": file_id, "async": True}),
    "depth": lambda client, file_id: client.get(f"/depth/{file_id}"),
    "facts": lambda client, file_id: client.get(f"/upload/{file_id}"),
    "image": lambda client, file_id: client.get(f"/upload/{file_id}/image"),
    "delete": lambda client, file_id: client.delete(f"/upload/{file_id}"),
}


@pytest.mark.parametrize("name", RACING)
def test_a_request_beside_a_deletion_gets_404_or_a_whole_answer(
    build: Build, red_green: Rgb, settings: Settings, name: str
) -> None:
    app, data = build(), png_bytes(red_green)
    whole = RACING[name](app.test_client(), _upload(app.test_client(), data).get_json()["file_id"])
    assert whole.status_code in (200, 202)
    for delay_s in (0, 0.002, 0.02):
        file_id = _upload(app.test_client(), data).get_json()["file_id"]
        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(RACING[name], app.test_client(), file_id) for _ in range(3)]
            time.sleep(delay_s)
            pool.submit(app.test_client().delete, f"/upload/{file_id}").result()
            for answer in (future.result() for future in answers):
                if answer.status_code != whole.status_code:
                    check_error(answer, 404, "not_found")
        assert not (settings.data_dir / "images" / file_id).exists()
        check_error(app.test_client().delete(f"/index/{file_id}"), 404, "not_found")
