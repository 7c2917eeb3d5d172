"""Writes records as JSON that is compact and still changes by lines."""

import json
from pathlib import Path
from typing import Any

WIDTH = 170


def write(path: Path, record: Any) -> None:
    """Write a record; what fits into a line stands in one."""
    path.write_text(_text(record, 0) + "\n", encoding="utf-8")


def read(path: Path) -> Any:
    """Return the record of a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def _text(value: Any, depth: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or depth + len(line) <= WIDTH:
        return line
    if isinstance(value, dict):
        entries = [f"{json.dumps(key, ensure_ascii=False)}: {_text(value[key], depth + 1)}" for key in value]
    else:
        entries = [_text(inner, depth + 1) for inner in value]
    space, brackets = " " * (depth + 1), "{}" if isinstance(value, dict) else "[]"
    body = ",\n".join(f"{space}{entry}" for entry in entries)
    return f"{brackets[0]}\n{body}\n{' ' * depth}{brackets[1]}"
