"""Finds the photographs behind paths, and where the answers about them go."""

from collections.abc import Iterator, Sequence
from pathlib import Path

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})


def photographs(paths: Sequence[Path]) -> list[Path]:
    """The files among `paths` and the photographs (by suffix) in its folders, once each."""
    return list(dict.fromkeys(found for path in paths for found in _inside(path)))


def _inside(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
    else:
        yield path


def target(out: Path, photograph: Path, suffix: str, several: bool) -> Path:
    """Where an answer about `photograph` goes: `out` itself, or a file in the directory `out` if several."""
    if not several:
        return out
    out.mkdir(parents=True, exist_ok=True)
    return out / f"{photograph.stem}{photograph.suffix.replace('.', '-')}{suffix}"
