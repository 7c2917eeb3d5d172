"""Records the steps of a sorting run, one JSON line each, and rebuilds the state of an interrupted run.

Each image has up to three records: its result, the path it is about to be placed at, and that it is placed.
The keys of the records are a format on the disk and stay as they are.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from domain.errors import InvalidRequest, StorageUnavailable
from domain.labels import LabelPrediction, LabelScore
from tools.categorize.labelling import FileResult, UnreadableFile
from tools.categorize.types import PhotoFile, SortLog, SortPlan

RUN_DIFFERENCES = {
    "folder": "another folder",
    "names": "other labels",
    "threshold": "another threshold",
    "model": "another labeller",
    "out": "another --out",
    "deed": "another action",
}
"""Description of a difference between two runs, by the key of the run record."""


class Journal:
    """The state of a run, read from the log of earlier runs and recorded as it grows.

    Args:
        log: Storage of the records; None keeps the state in memory only.
        plan: The request of this run.
        model: SHA-256 of the labeller.

    Raises:
        InvalidRequest: The log is that of another plan; one that was only a dry run may gain an action.
        StorageUnavailable: The log is damaged.

    Attributes:
        results: Results of the files that were labelled.
        targets: Paths, relative to the output folder, at which files were about to be placed.
        placed: Files that are placed.
    """

    def __init__(self, log: SortLog | None, plan: SortPlan, model: str) -> None:
        self._log = log
        self.results: dict[PhotoFile, FileResult] = {}
        self.targets: dict[PhotoFile, str] = {}
        self.placed: set[PhotoFile] = set()
        if log is not None:
            self._begin(log, self._read(log), _run_record(plan, model))

    def record_result(self, file: PhotoFile, result: FileResult) -> None:
        """Record the result of a file. Transient read errors are not recorded, so the next run retries."""
        if isinstance(result, LabelPrediction):
            chosen, names = result.chosen, [[it.label, it.confidence] for it in result.alternatives]
            label = {"label": chosen.label, "confidence": chosen.confidence, "names": names}
            self._record(file, **label, unknown=result.unknown)
        elif result.permanent:
            self._record(file, broken=result.reason)

    def record_target(self, file: PhotoFile, target: str) -> None:
        """Record the path at which a file is about to be placed."""
        self._record(file, to=target)

    def record_placed(self, file: PhotoFile) -> None:
        """Record that a file is placed at its target."""
        self._record(file, done=True)

    def forget_placed(self, missing: Callable[[str], bool]) -> None:
        """Forget that files are placed whose targets are missing, such as copies that were deleted since."""
        self.placed -= {file for file in self.placed if missing(self.targets[file])}

    def _record(self, file: PhotoFile, **members: object) -> None:
        record = {"file": [file.path, file.size, file.mtime_ns], **members}
        self._apply(record)
        if self._log is not None:
            self._log.append(json.dumps(record))

    def _read(self, log: SortLog) -> Mapping[str, object] | None:
        """Apply all records of earlier runs; return the last run record, if any."""
        run: Mapping[str, object] | None = None
        for number, line in enumerate(log.lines(), 1):
            try:
                record = json.loads(line)
                if "run" in record:
                    run = record["run"]
                else:
                    self._apply(record)
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise StorageUnavailable(f"journal, line {number}: cannot be read: {error}") from error
        return run

    def _apply(self, record: dict[str, Any]) -> None:
        file = PhotoFile(*record["file"])
        if "to" in record:
            self.targets[file] = record["to"]
            self.placed.discard(file)
        elif "done" in record:
            self.placed.add(file)
        else:
            self.results[file] = _parse_result(record)

    def _begin(self, log: SortLog, before: Mapping[str, object] | None, now: Mapping[str, object]) -> None:
        if before == now:
            return
        if before is not None:
            _check_same_run(before, now)
        log.append(json.dumps({"run": now}))


def _parse_result(record: Mapping[str, Any]) -> FileResult:
    if "broken" in record:
        return UnreadableFile(record["broken"])
    names = tuple(LabelScore(name, confidence) for name, confidence in record["names"])
    return LabelPrediction(LabelScore(record["label"], record["confidence"]), names, record["unknown"])


def _run_record(plan: SortPlan, model: str) -> dict[str, object]:
    labels = plan.label_options.vocabulary.labels
    texts = [(label.name, label.texts, *label.examples) for label in labels]
    return {
        "folder": str(plan.folder),
        "names": hashlib.sha256(repr(texts).encode()).hexdigest(),
        "threshold": plan.label_options.confidence_threshold,
        "model": model,
        "out": str(plan.out) if plan.action else None,
        "deed": plan.action,
    }


def _check_same_run(before: Mapping[str, object], now: Mapping[str, object]) -> None:
    was_dry_run = before.get("deed") is None
    for key, difference in RUN_DIFFERENCES.items():
        if before.get(key) != now[key] and not (was_dry_run and key in ("out", "deed")):
            raise InvalidRequest(
                f"an earlier run had {difference}: choose another folder for the reports, or remove "
                "them and the folder .categorize beside them"
            )
