"""The journal of a sorting: what each photograph is, where it is to go, and that it is there; a line each."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from domain.errors import InvalidRequest, StorageUnavailable
from domain.labels import LabelPrediction, LabelScore
from tools.categorize.labelling import FileResult, UnreadableFile
from tools.categorize.types import PhotoFile, SortLog, SortPlan

RUN_DIFFERENCES = {
    "folder": "another folder",
    "names": "other names",
    "threshold": "another threshold",
    "model": "another labeller",
    "out": "another --out",
    "deed": "something else to do with the photographs",
}


class Journal:
    """Reads what an earlier run of the same sorting noted, and notes what this one does.

    Args:
        notes: Where.
        order: What is to be done.
        model: sha256 of the labeller.

    Raises:
        InvalidRequest: The notes are of a sorting that differs in more than having been a dry run.
        StorageUnavailable: The notes are damaged.

    Attributes:
        answers: What is known of files.
        plans: Where files were to go.
        done: Files that are there.
    """

    def __init__(self, notes: SortLog, order: SortPlan, model: str) -> None:
        self._notes = notes
        self.answers: dict[PhotoFile, FileResult] = {}
        self.plans: dict[PhotoFile, str] = {}
        self.done: set[PhotoFile] = set()
        run: Mapping[str, object] | None = None
        for number, line in enumerate(notes.lines(), 1):
            try:
                run = self._take(json.loads(line)) or run
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise StorageUnavailable(f"journal, line {number}: cannot be read: {error}") from error
        self._begin(run, _run_record(order, model))

    def answer(self, file: PhotoFile, answer: FileResult) -> None:
        """Note what a file is; of one that may be read another time, nothing."""
        if isinstance(answer, LabelPrediction):
            chosen, names = answer.chosen, [[it.label, it.confidence] for it in answer.alternatives]
            said = {"label": chosen.label, "confidence": chosen.confidence, "names": names}
            self._add(file, **said, unknown=answer.unknown)
        elif answer.lasting:
            self._add(file, broken=answer.reason)

    def plan(self, file: PhotoFile, target: str) -> None:
        """Note where a file is going to be put."""
        self._add(file, to=target)

    def finish(self, file: PhotoFile) -> None:
        """Note that it is there."""
        self._add(file, done=True)

    def _add(self, file: PhotoFile, **said: object) -> None:
        record = {"file": [file.path, file.size, file.mtime_ns], **said}
        self._take(record)
        self._notes.add(json.dumps(record))

    def _take(self, record: dict[str, Any]) -> Mapping[str, object] | None:
        """Take a record in; the run that it tells of, if it does."""
        if "run" in record:
            run: Mapping[str, object] = record["run"]
            return run
        path, size, mtime_ns = record["file"]
        file = PhotoFile(path, size, mtime_ns)
        if "to" in record:
            self.plans[file] = record["to"]
            self.done.discard(file)
        elif "done" in record:
            self.done.add(file)
        else:
            self.answers[file] = _parse_result(record)
        return None

    def _begin(self, before: Mapping[str, object] | None, now: Mapping[str, object]) -> None:
        if before == now:
            return
        if before is not None:
            _check_same_run(before, now)
        self._notes.add(json.dumps({"run": now}))


def _parse_result(record: Mapping[str, Any]) -> FileResult:
    if "broken" in record:
        return UnreadableFile(record["broken"])
    names = tuple(LabelScore(name, confidence) for name, confidence in record["names"])
    return LabelPrediction(LabelScore(record["label"], record["confidence"]), names, record["unknown"])


def _run_record(order: SortPlan, model: str) -> dict[str, object]:
    texts = [(label.name, label.texts, *label.examples) for label in order.naming.vocabulary.labels]
    return {
        "folder": str(order.folder),
        "names": hashlib.sha256(repr(texts).encode()).hexdigest(),
        "threshold": order.naming.confidence_threshold,
        "model": model,
        "out": str(order.out) if order.deed else None,
        "deed": order.deed,
    }


def _check_same_run(before: Mapping[str, object], now: Mapping[str, object]) -> None:
    looked_only = before.get("deed") is None
    for key, what in RUN_DIFFERENCES.items():
        if before.get(key) != now[key] and not (looked_only and key in ("out", "deed")):
            raise InvalidRequest(
                f"an earlier run had {what}: choose another place for the reports, or remove "
                "them and the folder .categorize beside them"
            )
