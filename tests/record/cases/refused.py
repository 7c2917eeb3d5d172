"""Mistakes that can be made with any endpoint: its body, its members, its method and its address."""

import json
from typing import Any

from tests.record.case import Case, form, get, post, raw
from tests.record.images import MAX_UPLOAD_BYTES

BODIES: dict[str, dict[str, Any]] = {
    "/segment": {"file_id": "missing"},
    "/segment/batch": {"file_ids": ["<cat>"]},
    "/analyze": {"file_id": "missing"},
    "/analyze/batch": {"file_ids": ["<cat>"]},
    "/caption": {"file_id": "missing"},
    "/caption/batch": {"file_ids": ["<cat>"]},
    "/moderate": {"file_id": "missing"},
    "/moderate/batch": {"file_ids": ["<cat>"]},
    "/index": {"file_id": "missing"},
    "/index/batch": {"file_ids": ["<cat>"]},
    "/classify": {"file_id": "missing"},
    "/similar": {"file_id": "missing"},
    "/rank": {"q": "cat", "file_ids": ["missing"]},
    "/vocabularies": {"name": "x", "labels": [{"name": "a", "examples": [{"file_id": "missing"}]}]},
}
"""A body of each endpoint that takes JSON. Batches are refused here by something else that is wrong."""

LIMIT_BYTES = 4 * 1024 * 1024


def _mistakes(path: str, body: dict[str, Any]) -> list[Case]:
    """Return requests to one endpoint, each with one mistake."""
    at = f"refused {path[1:]}"
    wrong = dict.fromkeys(body, 3)
    cases = [
        raw(f"{at}/empty", path, b""),
        raw(f"{at}/malformed", path, b'{"file_id": '),
        raw(f"{at}/list", path, b"[1, 2]"),
        raw(f"{at}/NaN", path, json.dumps({**body, "top_k": float("nan")})),
        raw(f"{at}/other type", path, json.dumps({**body, "colour": 1}), "text/plain"),
        raw(f"{at}/no type", path, json.dumps({**body, "colour": 1}), ""),
        post(f"{at}/nothing", path, {}),
        post(f"{at}/unknown member", path, {**body, "colour": "red", "in_background": True}),
        post(f"{at}/wrong types", path, wrong),
        post(f"{at}/null", path, dict.fromkeys(body)),
        post(f"{at}/unknown parameter", f"{path}?colour=red", {**body, "colour": 1}),
        post(f"{at}/language", f"{path}?lang=xx", {**body, "colour": 1}),
        form(f"{at}/form", path, ("file_id", "<cat>")),
        Case(f"{at}/PUT", "PUT", path, body),
    ]
    return cases if path.endswith("/batch") else [*cases, post(f"{at}/missing", path, body)]


REFUSED: list[Case] = [
    *(case for path, body in BODIES.items() for case in _mistakes(path, body)),
    raw("refused segment/too large", "/segment", b" " * (LIMIT_BYTES + 1)),
    raw("refused vocabularies/too large", "/vocabularies", b" " * (max(LIMIT_BYTES, MAX_UPLOAD_BYTES) + 1)),
    raw("refused segment/nested", "/segment", b"[" * 100_000),
    post("refused segment/parameter", "/segment?colour=red", {"file_id": "<cat>"}),
    get("refused path/none", "/none"),
    get("refused path/slash", "/segment/"),
    get("refused path/upload", "/upload"),
    Case("refused path/DELETE labels", "DELETE", "/labels"),
    Case("refused path/POST none", "POST", "/none", {"file_id": "x"}),
    Case("refused path/batch", "GET", "/segment/batch"),
]
