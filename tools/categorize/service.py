"""Sorts the photographs of a folder; begun anew after an interruption, it goes on where it stopped."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain

from domain.errors import StorageUnavailable
from domain.labels import LabelPrediction
from services.progress import Progress
from tools.categorize.journal import Journal
from tools.categorize.labelling import BatchLabeller, FileResult
from tools.categorize.places import TargetPaths, category_folder_names
from tools.categorize.reports import REPORT_NAMES
from tools.categorize.types import (
    FileProblem,
    FolderListing,
    PhotoFile,
    PhotoFolder,
    SortedFile,
    SortLog,
    SortPlan,
    SortResult,
    category_names,
    thumbnail_key,
)

FATAL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""What fails for one photograph and will for all others."""


class Categorizer:
    """Sorts one folder.

    Args:
        namer: Says what photographs are.
        folder: Where they are, and go.
        notes: What an interrupted run goes on from.
    """

    def __init__(self, namer: BatchLabeller, folder: PhotoFolder, notes: SortLog) -> None:
        self._namer = namer
        self._folder = folder
        self._notes = notes

    def run(self, order: SortPlan, progress: Progress) -> SortResult:
        """Sort all photographs that are not sorted yet.

        Raises:
            InvalidRequest: An earlier run, which was to sort otherwise, left its notes.
            StorageUnavailable: The disk is full or cannot be written, or the notes are damaged.
            ModelUnavailable: There is no labeller.
        """
        labeller = self._namer.labeller
        journal = Journal(self._notes, order, labeller.sha256)
        self._finish_interrupted(journal, order)
        listing = self._folder.listing(order.recursive)
        names = category_names(order.naming.vocabulary.names)
        work = _SortRun(
            self._folder,
            journal,
            order,
            TargetPaths(self._folder, category_folder_names(names, REPORT_NAMES)),
        )
        todo = [file for file in listing.files if order.deed in (None, "move") or file not in journal.done]
        total = len(listing.files)
        for done, (file, answer) in enumerate(self._answers(todo, journal, order), total - len(todo) + 1):
            work.take(file, answer)
            progress.step("categorize", done, total, f"sorted {done}/{total}")
            progress.check()
        return work.outcome(listing, names, self._namer)

    def _finish_interrupted(self, journal: Journal, order: SortPlan) -> None:
        """A run that died may have put a file without having noted it."""
        for file in [file for file in journal.plans if file not in journal.done]:
            with suppress(OSError):  # then it is put again, and that says what is wrong
                if order.deed and self._folder.finish(file, journal.plans[file], order.deed):
                    journal.finish(file)

    def _answers(
        self, files: Sequence[PhotoFile], journal: Journal, order: SortPlan
    ) -> Iterator[tuple[PhotoFile, FileResult]]:
        """What the files are. What was known before comes first: an interrupted run had come so far."""
        known = [(file, journal.answers[file]) for file in files if file in journal.answers]
        fresh = [file for file in files if file not in journal.answers]
        return chain(known, self._fresh(fresh, journal, order))

    def _fresh(
        self, files: Sequence[PhotoFile], journal: Journal, order: SortPlan
    ) -> Iterator[tuple[PhotoFile, FileResult]]:
        for named in self._namer.name(files, self._folder.read, order.naming, self._notes.keeps):
            if named.thumbnail is not None:
                self._notes.put_thumbnail(thumbnail_key(named.file), named.thumbnail)
            journal.answer(named.file, named.answer)
            yield named.file, named.answer


class _SortRun:
    """What one run does with answers, and what came of it."""

    def __init__(self, folder: PhotoFolder, journal: Journal, order: SortPlan, places: TargetPaths) -> None:
        self._folder = folder
        self._journal = journal
        self._order = order
        self._places = places
        self._problems: list[FileProblem] = []
        self._sorted = {
            file: SortedFile(file, naming, journal.plans[file])
            for file in journal.done
            if isinstance(naming := journal.answers.get(file), LabelPrediction)
        }

    def take(self, file: PhotoFile, answer: FileResult) -> None:
        """Do with a file what is to be done."""
        if not isinstance(answer, LabelPrediction):
            self._problems.append(FileProblem(file.path, answer.reason))
            return
        try:
            target = self._put(file, answer)
        except OSError as error:
            reason = f"could not {self._order.deed} it: {error.strerror or error}"
            if error.errno in FATAL_ERRNOS:
                raise StorageUnavailable(
                    f"{file.path}: {reason}; the same command goes on from here"
                ) from error
            self._problems.append(FileProblem(file.path, reason))
        else:
            self._sorted[file] = SortedFile(file, answer, target)

    def _put(self, file: PhotoFile, naming: LabelPrediction) -> str | None:
        if self._order.deed is None:
            return None
        for target in self._places.free(naming.chosen.label, file.path):
            self._journal.plan(file, target)
            try:
                self._folder.put(file, target, self._order.deed)
            except FileExistsError:  # taken just now, or in another case
                continue
            break
        self._journal.finish(file)
        return target

    def outcome(self, listing: FolderListing, names: tuple[str, ...], namer: BatchLabeller) -> SortResult:
        """All that was sorted now and before."""
        return SortResult(
            names,
            tuple(sorted(self._sorted.values(), key=lambda found: found.file)),
            tuple(sorted([*listing.problems, *self._problems])),
            listing.ignored,
            listing.linked_folders,
            namer.labeller,
        )
