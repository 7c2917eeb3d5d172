"""Remembers which photographs a data set has, a line each, and their annotations, a record each."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from domain.labels import LabelScore
from domain.masks import Region, Rle
from services.formats.annotations import Annotation, ImageAnnotations

_MAX_STEM_BYTES = 200
"""Most bytes of a name without suffix, so that a longer suffix still fits into the 255 that disks allow."""

_UNUSABLE = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]')
"""Characters of names that some systems or readers of data sets take for something else."""


@dataclass(frozen=True)
class WrittenImage:
    """A photograph that is complete in the data set.

    Attributes:
        source: Absolute path of the photograph.
        size: Bytes of its file.
        mtime_ns: Time of its last change, in nanoseconds.
        file_name: Name of its image in the data set.
        image_id: Number of the image, from 1.
    """

    source: str
    size: int
    mtime_ns: int
    file_name: str
    image_id: int


class ImageJournal:
    """The photographs of a data set in the order of their numbers.

    Args:
        path: File of the lines, which is made with the first one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._by_source = {image.source: image for image in _read_lines(path)}
        self._stems = {_stem_key(Path(image.file_name).stem) for image in self._by_source.values()}

    def __iter__(self) -> Iterator[WrittenImage]:
        return iter(sorted(self._by_source.values(), key=lambda image: image.image_id))

    def find(self, source: Path) -> WrittenImage | None:
        """Return the image of a photograph that is in the data set and has not changed since."""
        written = self._by_source.get(_absolute(source))
        stat = source.stat()
        unchanged = written and (written.size, written.mtime_ns) == (stat.st_size, stat.st_mtime_ns)
        return written if unchanged else None

    def plan(self, source: Path, suffix: str) -> WrittenImage:
        """Return number and name for the image of a photograph; one that has changed keeps its own.

        The name is that of the photograph; where another photograph has it, the folder's name is put before
        it, and a number behind it where that is not enough.

        Args:
            source: The photograph.
            suffix: Suffix of the image.
        """
        before = self._by_source.get(_absolute(source))
        stem = Path(before.file_name).stem if before else self._free_stem(source)
        number = before.image_id if before else len(self._by_source) + 1
        stat = source.stat()
        return WrittenImage(_absolute(source), stat.st_size, stat.st_mtime_ns, stem + suffix, number)

    def add(self, image: WrittenImage) -> WrittenImage | None:
        """Note that an image is complete; return the one that it replaces."""
        line = json.dumps(asdict(image)) + "\n"
        with self._path.open("a", encoding="ascii") as lines:
            # A killed run may have left the start of a line.
            lines.write(line if lines.tell() == 0 or _ends_with_newline(self._path) else "\n" + line)
        before = self._by_source.get(image.source)
        self._by_source[image.source] = image
        self._stems.add(_stem_key(Path(image.file_name).stem))
        return before

    def _free_stem(self, source: Path) -> str:
        stem = _clean(source.stem)
        names = [stem, f"{_clean(source.absolute().parent.name)}_{stem}"]
        numbered = (f"{stem}-{number}" for number in count(2))
        return next(name for name in _chain(names, numbered) if _stem_key(name) not in self._stems)


def _chain(first: Iterable[str], then: Iterable[str]) -> Iterator[str]:
    yield from first
    yield from then


def _clean(name: str) -> str:
    """Return a name that is valid UTF-8 and that every system and reader takes for one name."""
    short = name.encode("utf-8", "replace")[:_MAX_STEM_BYTES].decode("utf-8", "ignore")
    return _UNUSABLE.sub("_", short).strip(" .") or "image"


def _stem_key(stem: str) -> str:
    """Return the stem as disks compare it that ignore case."""
    return stem.casefold()


def _absolute(source: Path) -> str:
    return os.fsencode(source.resolve()).decode("utf-8", "backslashreplace")


def _read_lines(path: Path) -> Iterator[WrittenImage]:
    lines = path.read_text(encoding="ascii", errors="replace").splitlines() if path.exists() else []
    for line in lines:
        try:
            members: Mapping[str, object] = json.loads(line)
        except ValueError:  # It is the line at which a run was killed.
            continue
        yield WrittenImage(**members)  # type: ignore[arg-type]


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as lines:
        lines.seek(-1, os.SEEK_END)
        return lines.read(1) == b"\n"


def image_record(image: ImageAnnotations) -> bytes:
    """Return the annotations as JSON, without any loss."""
    return json.dumps(asdict(image)).encode()


def read_image_record(record: bytes) -> ImageAnnotations:
    """Return the annotations that `image_record` wrote."""
    members = json.loads(record)
    annotations = tuple(_annotation(**entry) for entry in members.pop("annotations"))
    return ImageAnnotations(annotations=annotations, **members)


def _annotation(
    region: dict[str, Any], label: str, confidence: float, alternatives: list[dict[str, Any]]
) -> Annotation:
    return Annotation(
        Region(
            rle=Rle(**region.pop("rle")),
            xywh=tuple(region.pop("xywh")),
            **region,
        ),
        label,
        confidence,
        tuple(LabelScore(**score) for score in alternatives),
    )
