"""Writes a data set of photographs with their annotations; an interrupted run goes on where it stopped.

Beside what the format asks for, the folder has a hidden one with the options of the run, a line for each
photograph that is complete, and the annotations of each, of which the joined documents are made at the end.
Every file is written under another name and then renamed, so that a killed run leaves no half of one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from domain.errors import InvalidRequest
from services.formats.annotations import Categories, ImageAnnotations
from services.formats.image_files import dataset_image_file
from services.formats.journal import ImageJournal, WrittenImage, image_record, read_image_record
from services.formats.table import FORMATS, FormatName
from services.images.photo import Photo
from services.progress import Progress

STATE_FOLDER = ".seglabel"

_UNFINISHED = ".unfinished"
"""Name of a file while it is written."""


class DatasetWriter:
    """Writes one data set; one thread of one process uses it.

    Args:
        folder: Folder of the data set, which is made.
        form: The format.
        categories: The labels that annotations may have.
        options: Everything else on which annotations depend, as JSON values.

    Raises:
        InvalidRequest: The folder has other files, or a data set of another format or other options.
    """

    def __init__(
        self, folder: Path, form: FormatName, categories: Categories, options: Mapping[str, object]
    ) -> None:
        self._folder = folder
        self._format = FORMATS[form]
        self._categories = categories
        self._state = folder / STATE_FOLDER
        _claim(folder, self._state, {"format": form, "categories": list(categories.names), **options})
        self._journal = ImageJournal(self._state / "images.jsonl")

    def has(self, photograph: Path) -> bool:
        """Return whether the data set has the photograph as it is now, or owns the file itself."""
        return self._folder.resolve() in photograph.resolve().parents or (
            self._journal.find(photograph) is not None
        )

    def add(
        self,
        photograph: Path,
        data: bytes,
        photo: Photo,
        annotations: ImageAnnotations,
        progress: Progress,
    ) -> None:
        """Write image and documents of a photograph.

        Args:
            photograph: Its file.
            data: The bytes of the file.
            photo: The photograph as it was segmented.
            annotations: Its regions; name and number of the image are filled in.
            progress: Receives the stage of decoding the photograph, if that is necessary.

        Raises:
            OSError: A file cannot be written.
        """
        suffix, image_bytes = dataset_image_file(data, photo, progress)
        planned = self._journal.plan(photograph, suffix)
        image = replace(annotations, file_name=planned.file_name, image_id=planned.image_id)
        _write(self._image_path(planned), [image_bytes])
        for path, content in self._format.files.items():
            place = path.format(stem=Path(planned.file_name).stem)
            _write(self._folder / place, [content(image, self._categories)])
        _write(self._record_path(planned), [image_record(image)])
        replaced = self._journal.add(planned)
        if replaced and replaced.file_name != planned.file_name:
            self._image_path(replaced).unlink(missing_ok=True)

    def join(self) -> None:
        """Write the documents about all photographs that are complete.

        Raises:
            OSError: A file cannot be read or written.
        """
        for path, chunks in self._format.joined.items():
            text = chunks(self._images, self._categories)
            _write(self._folder / path, (chunk.encode() for chunk in text))

    def _images(self) -> Iterator[ImageAnnotations]:
        return (read_image_record(self._record_path(image).read_bytes()) for image in self._journal)

    def _image_path(self, image: WrittenImage) -> Path:
        return self._folder / self._format.images / image.file_name

    def _record_path(self, image: WrittenImage) -> Path:
        return self._state / "records" / f"{image.image_id}.json"


def _claim(folder: Path, state: Path, run: Mapping[str, object]) -> None:
    """Make the folder that of this run, or check that it is that of the same one.

    Raises:
        InvalidRequest: It is neither.
    """
    run_file = state / "run.json"
    if not run_file.exists():
        if folder.exists() and (
            not folder.is_dir() or {path.name for path in folder.iterdir()} - {STATE_FOLDER}
        ):
            raise InvalidRequest(f"out: expected a new or empty folder, or a data set, got {folder}")
        _write(run_file, [json.dumps(run, indent=2).encode()])
    before = json.loads(run_file.read_bytes())
    now = json.loads(json.dumps(run))
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if changed:
        raise InvalidRequest(
            f"out: expected a new folder, or a data set of the same format and options, got {folder}, which "
            f"was made with another {', '.join(changed)}"
        )


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(_UNFINISHED)
    with unfinished.open("wb") as file:
        file.writelines(chunks)
    unfinished.replace(path)
