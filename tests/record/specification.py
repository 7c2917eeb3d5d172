"""Reduces /openapi.json to what clients rely on: paths, methods, members, types, defaults and bounds."""

import json
from typing import Any

FACTS = (
    "type",
    "nullable",
    "format",
    "const",
    "enum",
    "default",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
)
"""What is recorded of a schema; names of classes, titles, descriptions and examples are not."""


def structure(document: dict[str, Any]) -> dict[str, Any]:
    """Return the operations of a specification by method and path, without references to schemas."""
    reader = _Reader(document["components"]["schemas"])
    found = {}
    for path, methods in sorted(document["paths"].items()):
        for method, operation in sorted(methods.items()):
            found[f"{method.upper()} {path}"] = reader.operation(f"{method.upper()} {path}", operation)
    return found


class _Reader:
    """Writes schemas as members with their facts, each object of several members once.

    Args:
        schemas: The shared schemas of the specification by name.
    """

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas
        self._places: dict[str, str] = {}

    def operation(self, place: str, operation: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters, the body and the answers of an operation."""
        body = operation.get("requestBody", {})
        responses = operation["responses"]
        return {
            "parameters": {
                f"{each['in']} {each['name']}": self._members("", each["schema"], each.get("required", False))
                for each in operation.get("parameters", [])
            },
            "body": self._content(f"{place} body", body),
            "body required": body.get("required"),
            "responses": {
                f"{status} {kind}": members
                for status in sorted(responses)
                for kind, members in self._content(f"{place} {status}", responses[status]).items()
            },
        }

    def _content(self, place: str, content: dict[str, Any]) -> dict[str, Any]:
        kinds = content.get("content", {"nothing": {"schema": {}}})
        return {kind: self._members(f"{place} {kind}", kinds[kind]["schema"]) for kind in sorted(kinds)}

    def _members(self, place: str, schema: dict[str, Any], required: bool = False) -> dict[str, str] | str:
        """Return the facts of a schema by member, or the facts alone where it has no members."""
        found: dict[str, str] = {}
        self._add(found, "", self._resolved(schema), required, place)
        return found if len(found) > 1 else found[""]

    def _add(
        self, found: dict[str, str], member: str, schema: dict[str, Any], required: bool, place: str
    ) -> None:
        """Add a schema and those inside it to `found`, which has facts by the path of a member."""
        found[member] = _facts(schema) + " required" * required
        if first := self._first_place(schema, f"{place}{member}"):
            found[member] += f" as {first}"
            return
        needed = schema.get("required", [])
        for name, inner in schema.get("properties", {}).items():
            self._add(found, f"{member}.{name}", self._resolved(inner), name in needed, place)
        for part, inner in _inner(schema):
            self._add(found, member + part, self._resolved(inner), False, place)

    def _first_place(self, schema: dict[str, Any], place: str) -> str | None:
        """Return where an equal object of several members stands already; None for the first of them."""
        if len(schema.get("properties", {})) < 2:
            return None
        first = self._places.setdefault(json.dumps(self._inlined(schema), sort_keys=True), place)
        return None if first == place else first

    def _inlined(self, value: Any) -> Any:
        """Return a schema with its references replaced, without prose and without an order of its lists."""
        if isinstance(value, list):
            return sorted((self._inlined(inner) for inner in value), key=str)
        if not isinstance(value, dict):
            return value
        resolved = self._resolved(value)
        kept = {key: inner for key, inner in resolved.items() if key not in ("properties", *PROSE)}
        members = {key: self._inlined(inner) for key, inner in resolved.get("properties", {}).items()}
        return {**{key: self._inlined(inner) for key, inner in kept.items()}, "members": members}

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return a schema that is no reference and no choice of one kind, with the facts beside it."""
        if "$ref" in schema:
            return self._resolved(_merged(schema, "$ref", self._schemas[schema["$ref"].rpartition("/")[2]]))
        if len(schema.get("allOf", [])) == 1:
            return self._resolved(_merged(schema, "allOf", schema["allOf"][0]))
        kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
        if len(kinds) == 1:
            return self._resolved({**_merged(schema, "anyOf", kinds[0]), "nullable": True})
        return schema


def _merged(schema: dict[str, Any], member: str, referred: dict[str, Any]) -> dict[str, Any]:
    """Return what `member` of the schema stands for, with the facts that stand beside it."""
    return {**referred, **{key: value for key, value in schema.items() if key != member}}


def _facts(schema: dict[str, Any]) -> str:
    facts = [f"{name}={_shown(schema[name])}" for name in FACTS if name in schema]
    facts += ["closed"] if schema.get("additionalProperties") is False else []
    return " ".join(facts)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


PROSE = ("title", "description", "examples", "example", "discriminator")


def _inner(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the schemas of items, alternatives and further members, with how their paths go on."""
    found = [("[]", schema["items"])] if isinstance(schema.get("items"), dict) else []
    items = schema.get("prefixItems", [])
    alike = all(inner == items[0] for inner in items)
    found += [(f"[{number}]", inner) for number, inner in enumerate(items[: 1 if alike else None])]
    for choice in ("anyOf", "oneOf"):
        found += [(f"|{number}", inner) for number, inner in enumerate(schema.get(choice, []))]
    further = schema.get("additionalProperties")
    return found + ([(".*", further)] if isinstance(further, dict) else [])
