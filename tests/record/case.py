"""Defines one HTTP request of the record, and short ways to write many of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """One request.

    Strings such as `<cat>` anywhere in the path or in the body stand for what an earlier case kept.

    Attributes:
        name: Key of its answer in the record.
        method: HTTP method.
        path: Path with the query.
        body: The body as a JSON value; None sends none.
        data: The body as bytes or text, instead of `body`.
        image: The name of an image whose file is the body, instead of `body`.
        form: Text fields of a multipart form, instead of `body`; a field may be repeated.
        files: Fields and names of images (`tests.record.images`) in that form.
        headers: Headers of the request.
        keeps: A name, and the member of the answer that it stands for in later cases; `*` is all of it.
        waits: Whether the path is that of a job that has to end first.
        only: Members of the answer that are recorded; empty records all.
    """

    name: str
    method: str
    path: str
    body: Any = None
    data: bytes | str | None = None
    image: str | None = None
    form: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    keeps: tuple[str, str] | None = None
    waits: bool = False
    only: tuple[str, ...] = ()


def get(name: str, path: str, **more: Any) -> Case:
    """Return a GET request."""
    return Case(name, "GET", path, **more)


def post(name: str, path: str, body: Any, **more: Any) -> Case:
    """Return a POST request with a JSON body."""
    return Case(name, "POST", path, body, **more)


def raw(name: str, path: str, data: bytes | str, content_type: str = "application/json") -> Case:
    """Return a POST request with these bytes as body; an empty type sends no Content-Type."""
    headers = {"Content-Type": content_type} if content_type else {}
    return Case(name, "POST", path, data=data, headers=headers)


def form(name: str, path: str, *fields: tuple[str, str], **more: Any) -> Case:
    """Return a POST request with a multipart form; a value `@cat` is the file of that image."""
    files = tuple((key, value[1:]) for key, value in fields if value.startswith("@"))
    texts = tuple((key, value) for key, value in fields if not value.startswith("@"))
    return Case(name, "POST", path, form=texts, files=files, **more)


def job(name: str, path: str, body: Any) -> list[Case]:
    """Return the cases of one job: its submission and its end."""
    kept = f"<{name}>"
    return [
        post(f"{name}/accepted", path, body, keeps=(kept, "job_id")),
        get(f"{name}/ended", f"/jobs/{kept}", waits=True),
    ]


def numbered(prefix: str, path: str, bodies: Mapping[str, Mapping[str, Any]], **common: Any) -> list[Case]:
    """Return POST requests to one path: each has the `common` members and those of its own."""
    return [post(f"{prefix}/{name}", path, {**common, **own}) for name, own in bodies.items()]
