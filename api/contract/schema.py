"""Reads what the JSON schema of a request says about its members."""

from collections.abc import Mapping
from typing import Any

from api.contract.common import MAX_INT32

Schema = Mapping[str, Any]
"""JSON schema of one member, as pydantic writes it."""


def value_schema(schema: Schema) -> Schema:
    """Return the schema of the values other than null."""
    return next((part for part in schema.get("anyOf", ()) if part.get("type") != "null"), schema)


def value_range(schema: Schema) -> tuple[int | None, int | None]:
    """Return the least and the largest number of a schema; the limit of 32 bits does not count."""
    # Pydantic calls the bounds of an integer that may be null `ge` and `le`.
    least = schema.get("minimum", schema.get("ge"))
    largest = schema.get("maximum", schema.get("le"))
    return least, None if largest == MAX_INT32 else largest
