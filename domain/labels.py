"""Vocabularies, and the labels that regions get."""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_LABELS = 1_000

MAX_LABEL_LENGTH = 200

UNKNOWN_LABEL = "unknown"


@dataclass(frozen=True)
class Label:
    """Word or phrase that a region may get.

    Attributes:
        name: Text of the label in answers.
        prompts: Texts that the text tower reads instead of the name, if any.
        aliases: Other words for the label, also in other languages, whose scores are folded into it.
        sent: Word that the caller sent, where `prompts` are its meaning in English.
        examples: sha256 of each image that shows the label, as the `VocabularyStore` keeps them.
    """

    name: str
    prompts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    sent: str | None = None
    examples: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts that stand for the label in the text tower: the prompts, else the name, then the aliases."""
        return (*(self.prompts or (self.name,)), *self.aliases)

    @property
    def untranslated_texts(self) -> tuple[str, ...]:
        """Texts for a tower that reads any language: the word as it was sent, not its translation."""
        return (self.sent, *self.aliases) if self.sent else self.texts


@dataclass(frozen=True)
class Vocabulary:
    """Distinct labels, in the caller's order.

    Attributes:
        name: Name of the vocabulary; "custom" for a list that was sent with a request.
        labels: At least one label and at most MAX_LABELS.
    """

    name: str
    labels: tuple[Label, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.labels) <= MAX_LABELS:
            raise ValueError(f"expected 1 to {MAX_LABELS:,} labels, got {len(self.labels):,}")
        if len({label.name for label in self.labels}) != len(self.labels):
            raise ValueError("expected distinct labels, got some several times")

    @property
    def names(self) -> tuple[str, ...]:
        """Texts of the labels, in order."""
        return tuple(label.name for label in self.labels)

    @classmethod
    def of(cls, name: str, labels: Iterable[Label]) -> "Vocabulary":
        """Return a vocabulary of the first label of each name."""
        first: dict[str, Label] = {}
        for label in labels:
            first.setdefault(label.name, label)
        return cls(name, tuple(first.values()))


@dataclass(frozen=True)
class LabelScore:
    """Label and its probability over the vocabulary and the reject class, 0..1."""

    label: str
    confidence: float


@dataclass(frozen=True)
class LabelPrediction:
    """Labels that one region or a whole image got.

    Attributes:
        chosen: The most probable label, or `unknown` with the probability of the reject class.
        alternatives: The most probable labels, best first, never `unknown`.
        unknown: Probability of the reject class, "none of these labels".
    """

    chosen: LabelScore
    alternatives: tuple[LabelScore, ...]
    unknown: float


MAX_VERSION = 999_999_999
"""Highest version; versions have at most nine digits."""

MAX_EXAMPLES = 64
"""Highest number of examples of one label."""

MAX_VOCABULARY_EXAMPLES = 4_000
"""Highest number of examples of a vocabulary: a few-shot head is fitted to so many in seconds."""

MAX_VOCABULARY_TEXTS = 4_000
"""Highest number of names, prompts and aliases of a vocabulary; all are encoded on first use."""

KEPT_VERSIONS = 10
"""Number of versions of one vocabulary that are kept; older ones are deleted."""


@dataclass(frozen=True)
class TaughtVocabulary:
    """Version of a vocabulary that a caller taught.

    Attributes:
        name: Name without the version.
        version: 1 for the first version of that name; numbers are never reused.
        created: Time of creation in Unix seconds.
        vocabulary: The labels, under the name `name@version`.
    """

    name: str
    version: int
    created: float
    vocabulary: Vocabulary
