"""Turns vocabularies into answers; the command line writes the same JSON."""

from collections.abc import Mapping, Sequence

from api.contract.vocabulary_answer import ExportAnswer, ExportedExample, ExportedLabel, VocabularyEntry
from api.http.replies import iso
from domain.labels import TaughtVocabulary, Vocabulary
from services.teaching.example_images import to_data_url


def taught_entry(taught: TaughtVocabulary, versions: Sequence[int]) -> VocabularyEntry:
    """A taught vocabulary in short."""
    return _entry(taught.name, taught.vocabulary, taught, versions)


def built_in_entry(vocabulary: Vocabulary) -> VocabularyEntry:
    """One that comes with the service in short."""
    return _entry(vocabulary.name, vocabulary, None, ())


def export(
    taught: TaughtVocabulary | None, vocabulary: Vocabulary, pictures: Mapping[str, bytes]
) -> ExportAnswer:
    """All of a vocabulary; examples that were deleted meanwhile are left out."""
    labels = [
        ExportedLabel(
            name=label.name,
            prompts=[*label.prompts],
            aliases=[*label.aliases],
            examples=[
                ExportedExample(image=to_data_url(pictures[digest]))
                for digest in label.examples
                if digest in pictures
            ],
        )
        for label in vocabulary.labels
    ]
    return ExportAnswer(
        name=vocabulary.name if taught is None else taught.name,
        built_in=taught is None,
        version=taught.version if taught else None,
        created=iso(taught.created) if taught else None,
        labels=labels,
    )


def _entry(
    name: str, vocabulary: Vocabulary, taught: TaughtVocabulary | None, versions: Sequence[int]
) -> VocabularyEntry:
    return VocabularyEntry(
        name=name,
        built_in=taught is None,
        version=taught.version if taught else None,
        versions=[*versions],
        created=iso(taught.created) if taught else None,
        labels=len(vocabulary.labels),
        examples={label.name: len(label.examples) for label in vocabulary.labels if label.examples},
    )
