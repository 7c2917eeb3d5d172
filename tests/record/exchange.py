"""Sends the cases to a running service, one after the other, and records its answers."""

import base64
import json
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from tests.record.case import Case
from tests.record.normalise import Normaliser, image_facts, npy_facts
from tests.record.specification import structure

PATIENCE_S = 300
FINAL_STATES = ("succeeded", "failed", "cancelled")
HEADERS = (
    "Allow",
    "Cache-Control",
    "Content-Security-Policy",
    "Location",
    "Referrer-Policy",
    "Retry-After",
    "X-Accel-Buffering",
    "X-Content-Type-Options",
)
"""Headers of an answer that are recorded."""

JSON = "application/json"
"""The type of an answer whose type is not recorded."""

METRIC = re.compile(r"# TYPE (seglabel_\w+) (\w+)")


class Exchange:
    """Talks to one service.

    Args:
        url: Address of the service.
        images: Files of the images by name.
    """

    def __init__(self, url: str, images: Mapping[str, bytes]) -> None:
        self._url = url
        self._images = images
        self._kept: dict[str, Any] = {
            f"<{name} as data URL>": f"data:image/png;base64,{base64.b64encode(data).decode()}"
            for name, data in images.items()
        }
        self._ids: list[str] = []
        self._session = requests.Session()

    def answers(self, cases: Iterable[Case]) -> dict[str, Any]:
        """Return the record of each case by its name.

        Raises:
            ValueError: Two cases have one name.
        """
        found: dict[str, Any] = {}
        with self._session:
            for case in cases:
                if case.name in found:
                    raise ValueError(f"two cases are called {case.name!r}")
                found[case.name] = self._answer(case)
        return found

    def _answer(self, case: Case) -> dict[str, Any]:
        if case.waits:
            self._wait(case)
        response = self._send(case)
        if case.keeps is not None:
            name, member = case.keeps
            body = response.json()
            self._kept[name] = body if member == "*" else body[member]
            self._ids += [] if member == "*" else [name]
        names = {self._kept[name]: name for name in self._ids}
        return _record(case, response, Normaliser(names))

    def _wait(self, case: Case) -> None:
        """Wait for the end of the job of the case.

        Raises:
            TimeoutError: It does not end.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self._send(case).json().get("state", "failed") in FINAL_STATES:
                return
            time.sleep(0.05)
        raise TimeoutError(f"{case.name}: the job did not end within {PATIENCE_S} s")

    def _send(self, case: Case) -> requests.Response:
        files = [(field, (f"{name}.jpg", self._images[name])) for field, name in case.files]
        fields = [(field, (None, self._filled(value))) for field, value in case.form]
        data = case.data if case.body is None else json.dumps(self._filled(case.body))
        data = self._images[case.image] if case.image else data
        return self._session.request(
            case.method,
            self._url + self._filled(case.path),
            data=data,
            files=[*fields, *files] or None,
            headers=dict(case.headers),
            timeout=PATIENCE_S,
        )

    def _filled(self, value: Any) -> Any:
        """Return a value with what its placeholders stand for."""
        if isinstance(value, dict):
            return {key: self._filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if not isinstance(value, str) or "<" not in value:
            return value
        if value in self._kept:
            return self._kept[value]
        for name, kept in self._kept.items():
            value = value.replace(name, kept) if isinstance(kept, str) else value
        return value


def _record(case: Case, response: requests.Response, normaliser: Normaliser) -> dict[str, Any]:
    kind = response.headers.get("Content-Type", "")
    headers = {name: normaliser.text(response.headers[name]) for name in HEADERS if name in response.headers}
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    body = _body(case, response, kind.partition(";")[0], normaliser)
    if case.only:
        body = {member: body[member] for member in case.only}
    found = {"status": response.status_code, "type": kind, "headers": headers, "body": body}
    return {name: value for name, value in found.items() if value not in (None, {}, "", JSON)}


def _body(case: Case, response: requests.Response, kind: str, normaliser: Normaliser) -> Any:
    """Return what is recorded of a body: all of JSON, of other types what a client can rely on."""
    if case.path == "/openapi.json":
        return structure(response.json())
    if case.path == "/metrics":
        return dict(sorted(METRIC.findall(response.text)))
    if kind == JSON and response.content:
        return normaliser.value(response.json())
    if kind == "text/event-stream":
        return normaliser.value(_last_event(response.text))
    if kind == "application/octet-stream":
        return npy_facts(response.content)
    return image_facts(response.content, kind) if kind in ("image/jpeg", "image/png") else None


def _last_event(text: str) -> Any:
    """Return the data of the last event of a stream; how many come before it depends on time."""
    return json.loads(text.rpartition("data: ")[2])
