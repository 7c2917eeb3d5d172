"""Verifies files by their SHA-256."""

import hashlib
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Return the hexadecimal sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_mismatch(path: Path, expected: str) -> str | None:
    """Return the hexadecimal sha256 of a file if it differs from `expected`, else None."""
    found = file_sha256(path)
    return None if found == expected else found
