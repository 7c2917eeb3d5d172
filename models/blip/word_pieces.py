"""Token ids back to text: BERT's word pieces."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tokenizers.decoders import WordPiece

SPECIAL = frozenset({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})


class WordPieces:
    """The words behind the ids of a BERT vocabulary. Stateless: threads share it.

    Args:
        pieces: By id.
    """

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = tuple(pieces)
        self._decoder = WordPiece(prefix="##", cleanup=True)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The vocabulary of a published vocab.txt: a piece a line."""
        return cls(path.read_text(encoding="utf-8").split("\n")[:-1])

    def text(self, ids: Sequence[int]) -> str:
        """The text of ids; special tokens, and ids that a model has beyond the vocabulary, say nothing."""
        pieces = [self._pieces[one] for one in ids if one < len(self._pieces)]
        text: str = self._decoder.decode([piece for piece in pieces if piece not in SPECIAL])
        return text.replace(" ' ", "'")  # The decoder cleans piece by piece and cannot see both sides.
