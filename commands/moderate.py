"""`cli.py moderate`."""

from pathlib import Path

import click

from api.contract.moderate import ModerateAnswer, moderate_answer
from commands.output import FileBatch, answer_file, output_path, write_json
from commands.services import open_services, resolve_options
from config.settings import Settings
from services.images.photo import Photo
from services.progress import Progress


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--policy", help="Name of a policy.  [default: the setting default_policy]")
@click.option("--regions/--whole", default=True, help="Whether to look at every region too.")
@click.option(
    "--json", "json_out", type=click.Path(path_type=Path), help="Answer as JSON; a folder for several."
)
@click.pass_obj
def moderate(
    settings: Settings, /, paths: tuple[Path, ...], policy: str | None, regions: bool, json_out: Path | None
) -> None:
    """Check photographs, or all photographs in folders, against a policy."""
    batch = FileBatch.of(paths, settings.log_level)
    services = open_services(settings)
    rules = resolve_options(lambda: services.policies.get(policy))

    def answer(photo: Photo, progress: Progress) -> ModerateAnswer:
        return moderate_answer(services.moderation.moderate(photo, rules, regions, progress))

    def save(found: ModerateAnswer, file: Path) -> None:
        if json_out is not None:
            write_json(found, output_path(json_out, file, ".json", batch.several))
            return
        fired = ", ".join(
            f"{rule.category} {max(rule.image, rule.region or 0):.0%}" for rule in found.rules if rule.fired
        )
        click.echo(f"{file}: {found.decision}{f'  ({fired})' if fired else ''}")

    batch.each("checked", lambda file: answer_file(services.images, file, answer), save)
