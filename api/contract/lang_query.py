"""The language of names, in the address of a request."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import InvalidRequest

B = TypeVar("B", bound=BaseModel)


class LangQuery(BaseModel):
    """The language may stand in the address as well."""

    model_config = ConfigDict(extra="forbid")

    lang: str | None = Field(None, max_length=20, description="As the member `lang`, which comes first.")


def with_lang(body: B, query: LangQuery) -> B:
    """The body with the language of the address, if it has none of its own.

    Raises:
        InvalidRequest: Nothing is named in a language here.
    """
    if query.lang is None:
        return body
    if "lang" not in type(body).model_fields:
        raise InvalidRequest(f"lang: expected no language here, got {query.lang!r}")
    if getattr(body, "lang") is not None:  # noqa: B009
        return body
    return body.model_copy(update={"lang": query.lang})
