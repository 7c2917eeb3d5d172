"""Writes the tables of options in docs/api.md from the requests: `python -m api.contract.document`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from api.contract.analyze import AnalyzeRequest
from api.contract.schema import Schema, value_range, value_schema
from api.contract.segment import SegmentRequest

PAGE = Path(__file__).parents[2] / "docs" / "api.md"

TABLE_HEADER = "| member | type | default | meaning |\n|---|---|---|---|\n"

TABLES: Mapping[str, tuple[type[BaseModel], type[BaseModel]]] = {
    "/segment": (SegmentRequest, BaseModel),
    "/analyze": (AnalyzeRequest, SegmentRequest),
}
"""Request of each endpoint with a table, and the request whose members the table leaves out."""


def api_page(text: str) -> str:
    """Return the page with every table replaced between the comments that mark it.

    Raises:
        ValueError: A comment is missing.
    """
    for path, (request, base) in TABLES.items():
        begin, end = f"<!-- options of {path}: generated -->\n", f"<!-- end of options of {path} -->\n"
        before, found, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found or not found_end:
            raise ValueError(f"expected {begin.strip()} and {end.strip()} in {PAGE}")
        text = before + begin + TABLE_HEADER + "".join(_rows(request, base)) + end + after
    return text


def _rows(request: type[BaseModel], base: type[BaseModel]) -> Iterator[str]:
    """Yield a row for each member of a request that its base does not have."""
    whole = request.model_json_schema()
    inherited = {field.alias or name for name, field in base.model_fields.items()}
    for name, schema in whole["properties"].items():
        if name not in inherited:
            cells = (f"`{name}`", _type_cell(schema, whole), _default_cell(schema), schema["description"])
            yield f"| {' | '.join(cells)} |\n"


def _default_cell(schema: Schema) -> str:
    if "default" not in schema:
        return "required"
    return "-" if schema["default"] is None else f"`{json.dumps(schema['default'])}`"


def _type_cell(schema: Schema, whole: Schema) -> str:
    kind = value_schema(schema)
    if "enum" in kind:
        return ", ".join(f'`"{value}"`' for value in kind["enum"])
    if "$ref" in kind:
        texts = [" or text" for part in schema["anyOf"] if part.get("type") == "string"]
        return f"object of {_members(kind, whole)}{''.join(texts)}"
    if kind["type"] == "array":
        return f"list of {_count(kind)}{_items(kind['items'], whole)}"
    return str(kind["type"]) + _range_text(*value_range(kind))


def _count(schema: Schema) -> str:
    """Return the number of items, followed by a space."""
    least, most = schema["minItems"], schema["maxItems"]
    return f"{most:,} " if least == most else f"{least} to {most:,} "


def _items(schema: Schema, whole: Schema) -> str:
    return f"objects of {_members(schema, whole)}" if "$ref" in schema else f"{schema['type']}s"


def _members(schema: Schema, whole: Schema) -> str:
    """Return the names of the members of an object that the schema refers to."""
    return ", ".join(f"`{name}`" for name in whole["$defs"][schema["$ref"].rpartition("/")[2]]["properties"])


def _range_text(least: int | None, largest: int | None) -> str:
    if least is None:
        return ""
    return f", at least {least}" if largest is None else f", {least} to {largest:,}"


if __name__ == "__main__":
    PAGE.write_text(api_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
