"""`cli.py moderate`."""

from pathlib import Path
from typing import Any

import click

from api.contract.moderate import ModerateAnswer, ModerateFields, moderate_answer
from commands.options import options_from, request_from_options
from commands.output import Output, OutputPlan, json_option, save_json
from commands.photographs import FileBatch, answer_file, paths_argument
from commands.services import click_errors, open_services
from config.settings import Settings
from services.images.files import display_path
from services.images.photo import Photo
from services.progress import Progress


@click.command()
@paths_argument
@options_from(ModerateFields)
@json_option
@click.pass_obj
def moderate(settings: Settings, /, paths: tuple[Path, ...], json_out: Path | None, **options: Any) -> None:
    """Check photographs against a policy.

    PATHS are photographs and folders of them. The decision and the rules that fired are printed, or saved
    with --json.
    """
    batch = FileBatch.of(paths, settings.log_level, json_out)
    outputs = OutputPlan.of(batch, Output("--json", json_out, ".json"))
    body = request_from_options(ModerateFields, options)
    services = open_services(settings)
    with click_errors(click.UsageError):
        policy = services.policies.get(body.policy)

    def answer(photo: Photo, progress: Progress) -> ModerateAnswer:
        return moderate_answer(services.moderation.moderate(photo, policy, body.regions, progress))

    batch.each(
        "checked",
        lambda file: answer_file(services.images, file, answer),
        lambda found, file: save_json(outputs, found, file, _print_decision),
    )


def _print_decision(found: ModerateAnswer, file: Path) -> None:
    fired = ", ".join(
        f"{rule.category} {max(rule.image, rule.region or 0):.0%}" for rule in found.rules if rule.fired
    )
    click.echo(f"{display_path(file)}: {found.decision}{f'  ({fired})' if fired else ''}")
