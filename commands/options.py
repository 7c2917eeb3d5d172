"""Makes the options of a command from the fields of its endpoint, and the request from their values."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel, ValidationError

from api.contract.schema import Schema, value_range, value_schema
from api.contract.validation import strict_json, validation_message
from domain.errors import InvalidRequest, MalformedRequest
from services.images.data_url import image_data_url
from services.images.formats import detect_format
from services.vocabularies.split import split_labels

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
FieldsT = TypeVar("FieldsT", bound=BaseModel)

EXCLUDED: Mapping[str, str] = {
    "file_id": "The command takes paths.",
    "file_ids": "The command takes paths.",
    "image": "The command takes paths.",
    "image_url": "The command takes paths.",
    "store": "The command stores nothing.",
    "run_async": "The command waits for the answer.",
    "prompt_type": "It follows from --point, --box, --mask, --phrase and --example.",
    "prompts": "The command takes one object, by --point, --box and --mask.",
    "boxes": "The command takes one object, by --point, --box and --mask.",
    "example_file_id": "The command takes a path, --example-photo.",
    "overlay": "It follows from --out.",
}
"""Fields that are no options of any command, and the reason for each."""

SPELLINGS: Mapping[str, str] = {
    "adaptive": "--adaptive/--full-grid",
    "clean": "--clean/--as-decoded",
    "examples": "--example",
    "group": "--group/--all",
    "points": "--point",
    "regions": "--regions/--whole",
    "texts": "--phrase",
}
"""Options that are not spelled like their fields."""


def parse_labels(text: str) -> list[str]:
    """Return the labels in the value of an option.

    Raises:
        click.BadParameter: The text is not a list of labels.
    """
    try:
        return split_labels(text)
    except InvalidRequest as error:
        raise click.BadParameter(error.message.removeprefix("labels: ")) from None


def parse_label_arguments(
    _context: click.Context, _parameter: click.Parameter, texts: Sequence[str]
) -> list[str] | None:
    """Return the labels in the arguments of a command, of which each may hold several; None without any.

    Raises:
        click.BadParameter: An argument is not a list of labels.
    """
    return [label for text in texts for label in parse_labels(text)] if texts else None


def _parse_box(text: str) -> list[float]:
    """Return the numbers of a list; the field checks how many there are."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise click.BadParameter(f"expected numbers separated by commas, got {text!r}") from None


def _parse_point(text: str) -> dict[str, float]:
    numbers = _parse_box(text)
    if len(numbers) not in (2, 3):
        raise click.BadParameter(f"expected X,Y or X,Y,0, got {text!r}")
    return {"x": numbers[0], "y": numbers[1], "label": int([*numbers, 1][2])}


def _parse_example(text: str) -> dict[str, Any]:
    numbers = _parse_box(text)
    if len(numbers) not in (4, 5):
        raise click.BadParameter(f"expected X0,Y0,X1,Y1 or X0,Y0,X1,Y1,0, got {text!r}")
    return {"box": numbers[:4], "label": [*numbers, 1][4]}


def _read_mask(path: str) -> Any:
    """Return the mask in a file as a request has it: a PNG file as a data URL, a JSON file as its value."""
    try:
        data = Path(path).read_bytes()
        return image_data_url(data) if detect_format(data) == "PNG" else strict_json(data)
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError, MalformedRequest):
        raise click.BadParameter(f"expected a PNG file, or a JSON file of run lengths, got {path}") from None


OWN_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "labels": {"type": parse_labels, "metavar": "LABEL,LABEL"},
    "box": {"type": _parse_box, "metavar": "X0,Y0,X1,Y1"},
    "points": {"type": _parse_point, "metavar": "X,Y", "multiple": True},
    "mask": {"type": _read_mask, "metavar": "FILE"},
    "texts": {"metavar": "PHRASE", "multiple": True},
    "examples": {"type": _parse_example, "metavar": "X0,Y0,X1,Y1", "multiple": True},
}
"""Arguments of `click.option` for fields that are lists or objects."""

HELP_ENDINGS: Mapping[str, str] = {
    "points": " A third number 0 (X,Y,0) marks a point beside the object. The option may be repeated.",
    "mask": " FILE is a PNG file, or a JSON file of the code.",
    "texts": " The option may be repeated.",
    "examples": " A fifth number 0 (X0,Y0,X1,Y1,0) marks something that is not looked for. The option may be "
    "repeated.",
}
"""Help about what only the command line has, by field."""


def options_from(
    fields: type[BaseModel], declared: Collection[str] = (), defaults: Mapping[str, Any] | None = None
) -> Callable[[CommandT], CommandT]:
    """Return a decorator that gives a command an option for each field, in the order of the fields.

    Args:
        fields: The options of the endpoint. Name, type, range, default and help are taken from it.
        declared: Names of fields for which the command declares a parameter of the same name by itself.
        defaults: Defaults of the command that differ from those of the endpoint, by field.
    """
    properties = fields.model_json_schema(by_alias=False)["properties"]
    names = [name for name in properties if name not in EXCLUDED and name not in declared]
    made = [_option(name, {**properties[name], **_default(name, defaults)}, properties) for name in names]

    def decorate(command: CommandT) -> CommandT:
        for option in reversed(made):
            command = option(command)
        return command

    return decorate


def _default(name: str, defaults: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"default": defaults[name]} if defaults and name in defaults else {}


def _option(name: str, schema: Schema, names: Collection[str]) -> Callable[[CommandT], CommandT]:
    """Return the option of one field, given its JSON schema."""
    kind = value_schema(schema)
    default = schema.get("default")
    text = _help(schema["description"], set(names) - set(kind.get("enum", ()))) + HELP_ENDINGS.get(name, "")
    if name in OWN_OPTIONS:
        return click.option(spelling(name), name, help=text, **OWN_OPTIONS[name])
    if kind["type"] == "boolean":
        flag = _flag(name, default)
        text = re.sub(r"\bfalse\b", f"`{flag.rpartition('/')[2]}`", text)
        return click.option(flag, name, is_flag=True, default=default, show_default=True, help=text)
    return click.option(
        spelling(name), name, type=_scalar_type(kind), default=default, show_default=True, help=text
    )


def _scalar_type(schema: Schema) -> "click.ParamType[Any, Any]":
    if "enum" in schema:
        return click.Choice(schema["enum"])
    least, largest = value_range(schema)
    match schema["type"]:
        case "string":
            return click.STRING
        case "integer":
            return click.IntRange(least, largest)
    return click.FloatRange(least, largest)


def _flag(name: str, default: bool | None) -> str:
    """Return both spellings of a flag, or one where it is off by default."""
    flag = spelling(name)
    return flag if "/" in flag or default is False else f"{flag}/--no-{flag.removeprefix('--')}"


def spelling(name: str) -> str:
    """Return the option of a field, e.g. --top-k."""
    return SPELLINGS.get(name, f"--{name.replace('_', '-')}")


def _help(description: str, names: Iterable[str]) -> str:
    """Return the description of a field in the words of the command line."""
    spellings = {name: spelling(name).partition("/")[0] for name in names}
    text = re.sub(r"(?:(?:GET|POST) )?(?<!\S)/(\w+)", r"`cli.py \1`", description)
    return _replace_names(text, spellings)


def _replace_names(text: str, spellings: Mapping[str, str]) -> str:
    """Replace names of fields, in backquotes or before the colon that begins a message."""

    def replace(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"`{spellings[name]}`" if match[1] and name in spellings else spellings.get(name, match[0])

    return re.sub(r"`(\w+)`|(?:^|(?<=; ))(\w+)(?=[:.])", replace, text)


def in_option_terms(message: str) -> str:
    """Return a message about fields of a request with the options of the running command in their place."""
    context = click.get_current_context(silent=True)
    parameters = context.command.params if context else []
    return _replace_names(message, {one.name: _parameter_text(one) for one in parameters if one.name})


def _parameter_text(parameter: click.Parameter) -> str:
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def _prompt_type(given: Collection[str]) -> str:
    """Return the prompt type of the first option among those that name one."""
    types = {"mask": "mask", "box": "box", "points": "point", "texts": "text", "examples": "example"}
    return next((kind for member, kind in types.items() if member in given), "grid")


def request_from_options(fields: type[FieldsT], options: Mapping[str, Any], **others: Any) -> FieldsT:
    """Return the request that says the same as the options.

    Args:
        fields: Class of the request.
        options: Values by field; None and an empty tuple stand for an option that was not given.
        others: Values of fields that are no options.

    Raises:
        click.UsageError: The values do not fit the fields.
    """
    given = {
        name: [*value] if isinstance(value, tuple) else value
        for name, value in options.items()
        if value not in (None, ())
    }
    if "prompt_type" in fields.model_fields:
        given["prompt_type"] = _prompt_type(given)
    try:
        return fields.model_validate({**given, **others})
    except ValidationError as error:
        message = validation_message(error).removeprefix("body: ")
        raise click.UsageError(in_option_terms(message)) from error
