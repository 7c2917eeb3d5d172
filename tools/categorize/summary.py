"""Tells what came of sorting a folder."""

import click

from tools.categorize.order import Order
from tools.categorize.outcome import Outcome

DONE = {"copy": "copied to", "move": "moved to", "link": "linked from"}


def tell(outcome: Outcome, order: Order) -> None:
    """What came of it.

    Raises:
        click.ClickException: Some photographs could not be sorted; the others are.
    """
    for category, count in outcome.counts.items():
        if count:
            click.echo(f"{count:7,}  {category}")
    for problem in outcome.problems:
        click.echo(f"{click.format_filename(problem.path)}: {problem.reason}", err=True)
    click.echo(summary(outcome, order))
    if outcome.problems:
        raise click.ClickException(f"{len(outcome.problems):,} could not be sorted")


def summary(outcome: Outcome, order: Order) -> str:
    """One sentence."""
    found, done = len(outcome.photographs), "looked at; to sort them, --copy, --move or --link"
    if order.deed:
        done = f"{DONE[order.deed]} {order.out}"
    said = [f"{found:,} photographs {done}"]
    if not found and not outcome.problems:
        said = [f"no photographs in {order.folder}"]
    if outcome.ignored:
        said.append(f"{outcome.ignored:,} other files were ignored")
    if outcome.linked_folders:
        said.append(f"{outcome.linked_folders:,} linked folders were not followed")
    return "; ".join(said)
