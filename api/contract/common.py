"""The envelope of every JSON answer, and the one shape of every error."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import ServiceError
from domain.models import ModelInfo


class ModelEntry(BaseModel):
    """Which model answered, or why none did."""

    name: str | None = Field(None, description="As in the manifest.")
    sha256: str | None = Field(None, description="Of its weights.")
    error: str | None = Field(None, description="Why it did not answer.")

    @classmethod
    def of(cls, info: ModelInfo) -> "ModelEntry":
        """The entry of a model that answered."""
        return cls(name=info.name, sha256=info.sha256)


def _always_sent(*names: str) -> Callable[[dict[str, Any]], None]:
    """Says in the schema that members with defaults are never left out."""

    def complete(schema: dict[str, Any]) -> None:
        schema["required"] = [*names, *(name for name in schema.get("required", []) if name not in names)]

    return complete


class Answer(BaseModel):
    """What every answer carries."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=_always_sent("success", "models", "timings_ms")
    )

    success: Literal[True] = True
    models: dict[str, ModelEntry] = Field(default_factory=dict, description="Models by job.")
    timings_ms: dict[str, float] = Field(default_factory=dict, description="Milliseconds by stage.")

    def model_post_init(self, _context: object) -> None:
        """Count the envelope as set: what is not set is left out of the JSON."""
        self.model_fields_set.update(("success", "models", "timings_ms"))


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable, for programs.", examples=["not_found"])
    message: str = Field(description="What was expected and what came, for people.")
    details: dict[str, Any] = Field(description="Facts behind the message, for programs.")

    @classmethod
    def of(cls, error: ServiceError) -> "ErrorBody":
        """The body of an error."""
        return cls(code=error.code, message=error.message, details=error.details)


class ErrorAnswer(BaseModel):
    """The one shape of every error, 404, 405 and 500 included."""

    model_config = ConfigDict(json_schema_extra=_always_sent("success"))

    success: Literal[False] = False
    error: ErrorBody
