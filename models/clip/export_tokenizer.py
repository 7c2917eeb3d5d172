"""Writes CLIP's byte-pair vocabulary, as open_clip carries it, in the format of the `tokenizers` library."""

from pathlib import Path

from open_clip.tokenizer import SimpleTokenizer
from tokenizers import Regex, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split

WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"
"""How CLIP splits a cleaned text, in lower case, before it merges bytes."""


def write_tokenizer(path: Path) -> None:
    """Write the tokenizer.json; cleaning, start, end and length are the reader's business."""
    clip = SimpleTokenizer()
    merges = sorted(clip.bpe_ranks, key=clip.bpe_ranks.__getitem__)
    tokenizer = Tokenizer(BPE(clip.encoder, merges, end_of_word_suffix="</w>", fuse_unk=False))
    tokenizer.pre_tokenizer = Sequence(
        [
            Split(Regex(WORDS), "removed", invert=True),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.save(str(path))
