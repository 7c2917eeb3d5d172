"""Sorts the images of a folder; a run that follows an interrupted one resumes it."""

import errno
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain

from domain.errors import StorageUnavailable
from domain.labels import LabelPrediction
from services.progress import Progress
from tools.categorize.journal import Journal
from tools.categorize.labelling import BatchLabeller, FileResult
from tools.categorize.target_paths import TargetPaths, category_folders
from tools.categorize.types import (
    FileProblem,
    PhotoFile,
    PhotoFolder,
    SortedFile,
    SortLog,
    SortPlan,
    SortResult,
    thumbnail_key,
)

FATAL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""Errors that would recur for every other image, so that the run ends."""


class Categorizer:
    """Sorts one folder.

    Args:
        labeller: Labels the images.
        folder: Reads and places them.
        log: Keeps what a later run needs to resume this one, and the thumbnails; None keeps nothing.
    """

    def __init__(self, labeller: BatchLabeller, folder: PhotoFolder, log: SortLog | None) -> None:
        self._labeller = labeller
        self._folder = folder
        self._log = log

    def run(self, plan: SortPlan, progress: Progress) -> SortResult:
        """Sort all images that are not sorted yet.

        Raises:
            InvalidRequest: The log is that of a run with a different plan.
            StorageUnavailable: The disk is full or cannot be written, or the log is damaged.
            ModelUnavailable: There is no labeller.
        """
        model = self._labeller.info
        journal = Journal(self._log, plan, model.sha256)
        self._complete_interrupted(journal, plan)
        listing = self._folder.list_files(plan.recursive)
        run = _SortRun(self._folder, journal, plan)
        todo = [file for file in listing.files if plan.action in (None, "move") or file not in journal.placed]
        total = len(listing.files)
        for done, (file, result) in enumerate(self._results(todo, journal, plan), total - len(todo) + 1):
            run.handle(file, result)
            progress.step("categorize", done, total, f"sorted {done}/{total}")
            progress.check()
        problems = tuple(sorted([*listing.problems, *run.problems]))
        return SortResult(
            plan.categories, run.sorted_files, problems, listing.passed_over, listing.linked_folders, model
        )

    def _complete_interrupted(self, journal: Journal, plan: SortPlan) -> None:
        """Record the files that an interrupted run placed without recording it."""
        for file in [file for file in journal.targets if file not in journal.placed]:
            with suppress(OSError):  # The file is placed again later, which reports the error.
                if plan.action and self._folder.complete(file, journal.targets[file], plan.action):
                    journal.record_placed(file)

    def _results(
        self, files: Sequence[PhotoFile], journal: Journal, plan: SortPlan
    ) -> Iterator[tuple[PhotoFile, FileResult]]:
        """Yield the result of each file; those of the journal come first, as in the interrupted run."""
        known = [(file, journal.results[file]) for file in files if file in journal.results]
        new = [file for file in files if file not in journal.results]
        return chain(known, self._label(new, journal, plan))

    def _label(
        self, files: Sequence[PhotoFile], journal: Journal, plan: SortPlan
    ) -> Iterator[tuple[PhotoFile, FileResult]]:
        thumbnails = self._log is not None
        for found in self._labeller.label_files(files, self._folder.read, plan.label_options, thumbnails):
            if self._log and found.thumbnail is not None:
                self._log.put_thumbnail(thumbnail_key(found.file), found.thumbnail)
            journal.record_result(found.file, found.result)
            yield found.file, found.result


class _SortRun:
    """Places the labelled files of one run and collects the outcome.

    Attributes:
        problems: Files that could not be sorted.
    """

    def __init__(self, folder: PhotoFolder, journal: Journal, plan: SortPlan) -> None:
        self._folder = folder
        self._journal = journal
        self._plan = plan
        self._paths = TargetPaths(folder, category_folders(plan))
        self.problems: list[FileProblem] = []
        self._sorted = {
            file: SortedFile(file, prediction, journal.targets[file])
            for file in journal.placed
            if isinstance(prediction := journal.results.get(file), LabelPrediction)
        }

    @property
    def sorted_files(self) -> tuple[SortedFile, ...]:
        """All files sorted by this run and by the interrupted ones before it, ordered by path."""
        return tuple(sorted(self._sorted.values(), key=lambda found: found.file))

    def handle(self, file: PhotoFile, result: FileResult) -> None:
        """Place a file according to its label, or collect the reason why that is not possible.

        Raises:
            StorageUnavailable: The disk is full or read-only.
        """
        if not isinstance(result, LabelPrediction):
            self.problems.append(FileProblem(file.path, result.reason))
            return
        try:
            target = self._place(file, result)
        except OSError as error:
            reason = f"could not {self._plan.action} it: {error.strerror or error}"
            if error.errno in FATAL_ERRNOS:
                raise StorageUnavailable(
                    f"{file.path}: {reason}. Run the same command again to resume."
                ) from error
            self.problems.append(FileProblem(file.path, reason))
        else:
            self._sorted[file] = SortedFile(file, result, target)

    def _place(self, file: PhotoFile, prediction: LabelPrediction) -> str | None:
        if self._plan.action is None:
            return None
        for target in self._paths.candidates(prediction.chosen.label, file.path):
            self._journal.record_target(file, target)
            try:
                self._folder.place(file, target, self._plan.action)
            except FileExistsError:  # Another process took the name, or the disk ignores case.
                continue
            break
        self._journal.record_placed(file)
        return target
