"""The language of names, in the address of a request."""

from typing import TypeVar

from pydantic import BaseModel, Field

B = TypeVar("B", bound=BaseModel)


class LangQuery(BaseModel):
    """The language may stand in the address as well."""

    lang: str | None = Field(None, max_length=20, description="As the member `lang`, which comes first.")


def with_lang(body: B, query: LangQuery) -> B:
    """The body with the language of the address, if it has room for one and none of its own."""
    if query.lang is None or getattr(body, "lang", "") is not None:
        return body
    return body.model_copy(update={"lang": query.lang})
