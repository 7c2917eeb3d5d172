"""Records what a checkout answers, or compares it with the record: `python -m tests.record --help`."""

import argparse
import sys
from pathlib import Path

from tests.record import files
from tests.record.recorder import COMMITTED, PARTS, changes, exact_changes
from tests.record.summary import summary

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the command line; the exit status is 1 where the records differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.record", description=__doc__)
    parser.add_argument("action", choices=["record", "compare"])
    parser.add_argument("--checkout", type=Path, default=ROOT, help="Directory of the product to run.")
    parser.add_argument("--only", choices=list(PARTS), help="Part of the record. Default: all parts.")
    parser.add_argument("--exact", type=Path, help="File of the exact record, instead of the committed one.")
    parser.add_argument("--texts", action="store_true", help="Compare prose too, with --exact.")
    asked = parser.parse_args()
    parts = [asked.only] if asked.only else list(PARTS)
    checkout = asked.checkout.resolve()
    if asked.action == "compare":
        found = _compare(parts, checkout, asked.exact, asked.texts)
        print("\n".join(found) or "no differences")
        return 1 if found else 0
    _record(parts, checkout, asked.exact)
    return 0


def _record(parts: list[str], checkout: Path, exact: Path | None) -> None:
    made = {part: PARTS[part](checkout) for part in parts}
    if exact is not None:
        files.write(exact, {**(files.read(exact) if exact.exists() else {}), **made})
        return
    for part, record in made.items():
        files.write(COMMITTED[part], summary(record))


def _compare(parts: list[str], checkout: Path, exact: Path | None, texts: bool) -> list[str]:
    if exact is None:
        return [line for part in parts for line in changes(part, checkout)]
    old = files.read(exact)
    return [line for part in parts for line in exact_changes(old[part], PARTS[part](checkout), texts)]


if __name__ == "__main__":
    sys.exit(main())
