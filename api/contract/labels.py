"""GET /labels: query and answer."""

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import Answer, answer_config
from services.vocabularies.library import Vocabularies


class LabelsAnswer(Answer):
    """The labels of a vocabulary."""

    model_config = answer_config(
        {
            "vocabulary": "default",
            "labels": ["person", "cup"],
            "vocabularies": ["default"],
            "languages": ["de", "es"],
        }
    )

    vocabulary: str = Field(description="Name of the vocabulary.")
    labels: list[str] = Field(description="Labels of the vocabulary.")
    vocabularies: list[str] = Field(description="Names of all vocabularies.")
    languages: list[str] = Field(description="Language codes that `lang` accepts.")


class LabelsQuery(BaseModel):
    """The vocabulary and the language."""

    model_config = ConfigDict(extra="forbid")

    vocabulary: str | None = Field(None, description="Name of a vocabulary. Default: the default vocabulary.")
    lang: str | None = Field(
        None,
        max_length=20,
        description="Language code of the labels. Default: the labels as the vocabulary has them.",
    )


def labels_answer(query: LabelsQuery, vocabularies: Vocabularies) -> LabelsAnswer:
    """Return the labels of a vocabulary, and the vocabularies and languages that can be requested.

    Raises:
        InvalidRequest: There is no such vocabulary or language.
    """
    shown = vocabularies.resolve(None, query.vocabulary, query.lang)
    return LabelsAnswer(
        vocabulary=shown.name,
        labels=[*shown.names],
        vocabularies=vocabularies.names,
        languages=vocabularies.languages.codes,
    )
