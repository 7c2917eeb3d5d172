"""GET /labels."""

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer


class LabelsAnswer(Answer):
    """Names regions can get."""

    vocabulary: str = Field(description="Whose names these are.")
    labels: list[str]
    vocabularies: list[str] = Field(description="All that /segment takes by name.")
    languages: list[str] = Field(description="All that `lang` takes.")


class LabelsQuery(BaseModel):
    """Which vocabulary."""

    model_config = ConfigDict(extra="forbid")

    vocabulary: str | None = Field(None, description="Its name. Default: the default vocabulary.")
    lang: str | None = Field(
        None, max_length=20, description="Code of a language. Default: names as they are."
    )
