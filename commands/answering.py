"""Answers about one photograph on the disk, timed, and their JSON."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from api.contract.common import Answer
from services.images.photo import Photo
from services.images.upload import ImageService
from services.progress import Progress

A = TypeVar("A", bound=Answer)


def answered(images: ImageService, file: Path, answer: Callable[[Photo, Progress], A]) -> A:
    """What `answer` says of the photograph in `file`, with its timings."""
    progress = Progress()
    with progress.stage("load"):
        photo = Photo.of(images.read(file.read_bytes()), str(file))
    found = answer(photo, progress)
    found.timings_ms = progress.timings_ms
    return found


def write_json(answer: Answer, path: Path) -> None:
    """The answer as indented JSON, but for its overlay."""
    text = answer.model_dump_json(exclude_unset=True, exclude={"segmented_image"}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
