"""Vocabularies, and what a region is called."""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_LABELS = 1_000

MAX_LABEL_LENGTH = 200

UNKNOWN_LABEL = "unknown"


@dataclass(frozen=True)
class Label:
    """A name that a region may get.

    Attributes:
        name: What answers say.
        prompts: What the text tower reads instead of the name, if any.
        aliases: Other names or languages folded into this one.
        sent: The caller's own word, where `prompts` are what it means in English.
        examples: sha256 of the pictures that show it, as the `VocabularyStore` keeps them.
    """

    name: str
    prompts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    sent: str | None = None
    examples: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands for the label before the text tower: the prompts, else the name; and the aliases."""
        return (*(self.prompts or (self.name,)), *self.aliases)

    @property
    def untranslated_texts(self) -> tuple[str, ...]:
        """Likewise for a tower that reads any language: the caller's own word in place of its translation."""
        return (self.sent, *self.aliases) if self.sent else self.texts


@dataclass(frozen=True)
class Vocabulary:
    """Distinct labels in the caller's order.

    Attributes:
        name: Of the vocabulary; "custom" for a list sent with a request.
        labels: At least one, at most MAX_LABELS.
    """

    name: str
    labels: tuple[Label, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.labels) <= MAX_LABELS:
            raise ValueError(f"expected 1 to {MAX_LABELS:,} labels, got {len(self.labels):,}")
        if len({label.name for label in self.labels}) != len(self.labels):
            raise ValueError("expected distinct label names")

    @property
    def names(self) -> tuple[str, ...]:
        """The plain names, in order."""
        return tuple(label.name for label in self.labels)

    @classmethod
    def of(cls, name: str, labels: Iterable[Label]) -> "Vocabulary":
        """A vocabulary of the first label of each name."""
        first: dict[str, Label] = {}
        for label in labels:
            first.setdefault(label.name, label)
        return cls(name, tuple(first.values()))


@dataclass(frozen=True)
class LabelScore:
    """A name and its probability over the vocabulary plus the reject class, 0..1."""

    label: str
    confidence: float


@dataclass(frozen=True)
class LabelPrediction:
    """What one region, or a whole photograph, is called.

    Attributes:
        chosen: The best name, or `unknown` with the reject probability.
        alternatives: The best real names, best first; never `unknown`.
        unknown: Probability of the reject class: that none of the names fits.
    """

    chosen: LabelScore
    alternatives: tuple[LabelScore, ...]
    unknown: float


MAX_VERSION = 999_999_999
"""Versions are told in nine digits at most."""

MAX_EXAMPLES = 64
"""Of one name."""

MAX_VOCABULARY_EXAMPLES = 4_000
"""Of all names of a vocabulary: a head is fitted to them in seconds."""

MAX_VOCABULARY_TEXTS = 4_000
"""Names, prompts and aliases of all labels: so many are encoded when they are first used."""

KEPT_VERSIONS = 10
"""Of one vocabulary; older ones go."""


@dataclass(frozen=True)
class TaughtVocabulary:
    """One version of a vocabulary that a caller taught.

    Attributes:
        name: Without the version.
        version: 1 for the first of that name; numbers are never used again.
        created: Unix seconds.
        vocabulary: Its labels; named `name@version`.
    """

    name: str
    version: int
    created: float
    vocabulary: Vocabulary
