"""Vocabularies that callers taught, and the limits of what is kept of them."""

from dataclasses import dataclass

from domain.labels import Vocabulary

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
