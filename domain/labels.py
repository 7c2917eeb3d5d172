"""Vocabularies, and the labels that regions get."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

MAX_LABELS = 1_000

MAX_LABEL_LENGTH = 200

UNKNOWN_LABEL = "unknown"

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029"
    "\u202f\u205f\u3000"
)
"""Characters with the property White_Space (Unicode Character Database, PropList.txt)."""

BYTE_ORDER_MARK = "\ufeff"


def trim(text: str) -> str:
    """Return the text without white space at both ends and without byte order marks at its beginning."""
    return text.lstrip(WHITE_SPACE + BYTE_ORDER_MARK).rstrip(WHITE_SPACE)


def label_key(name: str) -> str:
    """Return the form in which two labels are compared: trimmed, composed (NFC) and case-folded.

    It is the canonical caseless match of the Unicode Standard (section 3.13, D145), composed instead of
    decomposed.
    """
    folded = unicodedata.normalize("NFC", trim(name)).casefold()
    return unicodedata.normalize("NFC", folded)


@dataclass(frozen=True)
class Label:
    """Word or phrase that a region may get.

    Attributes:
        name: Text of the label in answers.
        prompts: Texts that the text tower reads instead of the name, if any.
        aliases: Other words for the label, whose scores are folded into it.
        examples: sha256 of each image that shows the label, as the `VocabularyStore` keeps them.
        readings: Pairs of a word, which is the name or an alias, and the English text that the text tower
            reads instead of it.
    """

    name: str
    prompts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    readings: tuple[tuple[str, str], ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Texts that stand for the label in the text tower: the prompts, else the name, then the aliases."""
        read = dict(self.readings)
        return tuple(read.get(word, word) for word in (*(self.prompts or (self.name,)), *self.aliases))

    @property
    def read_as(self) -> str | None:
        """English text that the text tower reads instead of the name; None where it reads the name itself."""
        return None if self.prompts else dict(self.readings).get(self.name)

    def joined(self, other: "Label") -> "Label":
        """Return this label with the prompts, aliases and examples of an equal one as well."""
        prompts: tuple[str, ...] = ()
        if self.prompts or other.prompts:
            prompts = _unique(self.prompts or (self.name,), other.prompts or (other.name,))
        return replace(
            self,
            prompts=prompts,
            aliases=_unique(self.aliases, other.aliases),
            examples=_unique(self.examples, other.examples),
        )


def _unique(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *more)))


@dataclass(frozen=True)
class MergedLabel:
    """Label that was sent several times.

    Attributes:
        label: The label as it was sent first.
        sent: The other spellings that were sent, in order.
    """

    label: str
    sent: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """Distinct labels, in the caller's order.

    Attributes:
        name: Name of the vocabulary; "custom" for a list that was sent with a request.
        labels: At least one label and at most MAX_LABELS.
        lang: Code of the language in which the labels are written; None where none was given, and they are
            read as they are.
        merged: Labels that were sent several times.
        untranslated: Words of `lang` for which no English text is known, so that they are read as they are.
    """

    name: str
    labels: tuple[Label, ...]
    lang: str | None = None
    merged: tuple[MergedLabel, ...] = ()
    untranslated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.labels) <= MAX_LABELS:
            raise ValueError(f"expected 1 to {MAX_LABELS:,} labels, got {len(self.labels):,}")
        if len({label.name for label in self.labels}) != len(self.labels):
            raise ValueError("expected distinct labels, got some several times")

    @property
    def names(self) -> tuple[str, ...]:
        """Texts of the labels, in order."""
        return tuple(label.name for label in self.labels)

    @property
    def readings(self) -> dict[str, str]:
        """English text that the text tower reads, by each name or alias that it replaces."""
        return {
            word: text
            for label in self.labels
            for word, text in label.readings
            if word in (label.name, *label.aliases)
        }

    @classmethod
    def of(cls, name: str, labels: Iterable[Label], lang: str | None = None) -> "Vocabulary":
        """Return a vocabulary in which labels of one `label_key` are one, spelled as the first of them."""
        by_key: dict[str, list[Label]] = {}
        for label in labels:
            by_key.setdefault(label_key(label.name), []).append(label)
        merged = tuple(
            MergedLabel(first.name, tuple(label.name for label in rest))
            for first, *rest in by_key.values()
            if rest
        )
        return cls(name, tuple(reduce(Label.joined, equal) for equal in by_key.values()), lang, merged)


@dataclass(frozen=True)
class LabelScore:
    """Label and its probability.

    Attributes:
        label: The label.
        confidence: Probability over the vocabulary and the reject class, 0..1.
        read_as: English text that the text tower read instead of the label; None where it read the label.
    """

    label: str
    confidence: float
    read_as: str | None = None


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
