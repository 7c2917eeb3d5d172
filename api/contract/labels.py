"""GET /labels: query and answer."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.contract.common import LabelledAnswer, LanguageCode, answer_config, label_notes
from domain.labels import Vocabulary
from services.vocabularies.library import Vocabularies

READ_AS_MAP_DESCRIPTION = (
    "English text that the labeller reads instead of a word, by word; absent without such words."
)


LABELS_LANG_ENTRY = "Language code of the words in the vocabulary; absent where none was given."


def language_members(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return `labels_lang` and `read_as` of an answer about a vocabulary, as far as it has them."""
    members = {"labels_lang": vocabulary.lang, "read_as": vocabulary.readings}
    return {name: value for name, value in members.items() if value}


class LabelsAnswer(LabelledAnswer):
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
    languages: list[str] = Field(description="Language codes that `lang` and `labels_lang` accept.")
    labels_lang: str | None = Field(None, description=LABELS_LANG_ENTRY)
    read_as: dict[str, str] | None = Field(None, description=READ_AS_MAP_DESCRIPTION)


class LabelsQuery(BaseModel):
    """The vocabulary and the language."""

    model_config = ConfigDict(extra="forbid")

    vocabulary: str | None = Field(None, description="Name of a vocabulary. Default: the default vocabulary.")
    lang: LanguageCode | None = Field(
        None, description="Language code of the labels. Default: the labels as the vocabulary has them."
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
        **language_members(shown),
        **label_notes(shown),
    )
