"""Writes large JSON documents piece by piece: a data set may not fit into memory."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def json_object_chunks(members: Mapping[str, Any]) -> Iterator[str]:
    """Yield a JSON object in pieces; a member that is an iterator becomes an array, entry by entry.

    The text is ASCII, with escapes, so that no reader can mistake its encoding.
    """
    opening = "{"
    for name, value in members.items():
        yield f"{opening}{json.dumps(name)}: "
        yield from json_array_chunks(value) if isinstance(value, Iterator) else [json.dumps(value)]
        opening = ",\n"
    yield "}\n"


def json_array_chunks(entries: Iterable[Any]) -> Iterator[str]:
    """Yield a JSON array in pieces, one line an entry."""
    yield "["
    separator = "\n"
    for entry in entries:
        yield separator + json.dumps(entry)
        separator = ",\n"
    yield "]"
