"""Checks that the text tower can read the labels of a vocabulary, and can tell them apart."""

from collections.abc import Sequence

from domain.errors import InvalidRequest
from domain.labels import Label
from domain.ports.models import DualEncoder, TokenEncoder

_HINTS = {
    "labels": "it reads English; `labels_lang` names another language of the list",
    "texts": "it reads English; `labels_lang` names another language of the phrases",
    "q": "it reads English",
}


def check_readable(labels: Sequence[Label], encoder: DualEncoder) -> None:
    """Refuse labels that the text tower would take for nothing, or for one another.

    Raises:
        InvalidRequest: The tower knows no token of a label, or two labels are the same tokens to it.
    """
    if not isinstance(encoder, TokenEncoder):
        return
    first: dict[tuple[tuple[int, ...], ...], str] = {}
    for label in labels:
        check_readable_label(label, "labels", encoder)
        tokens = _readable_tokens(label, encoder)
        other = first.setdefault(tokens, label.name)
        if other != label.name:
            raise InvalidRequest(
                f"labels: expected labels that the labeller can tell apart, got {other!r} and "
                f"{label.name!r}, which are the same words to it",
                {"labels": [other, label.name]},
            )


def check_readable_text(text: str, member: str, encoder: DualEncoder) -> None:
    """Refuse a text of a search of which the text tower knows no token.

    Raises:
        InvalidRequest: The text tower cannot read it.
    """
    if isinstance(encoder, TokenEncoder) and not encoder.can_read(text):
        raise _unreadable(member, text)


def check_readable_label(label: Label, member: str, encoder: DualEncoder) -> None:
    """Refuse a label of none of whose texts the text tower knows a token.

    Raises:
        InvalidRequest: The text tower cannot read it.
    """
    if isinstance(encoder, TokenEncoder) and not any(map(encoder.can_read, label.texts)):
        raise _unreadable(member, label.name)


def _readable_tokens(label: Label, encoder: TokenEncoder) -> tuple[tuple[int, ...], ...]:
    """Return the tokens of all texts of a label, in any order."""
    return tuple(sorted({encoder.token_ids(text) for text in label.texts}))


def _unreadable(member: str, text: str) -> InvalidRequest:
    return InvalidRequest(
        f"{member}: expected words that the labeller reads, got {text!r}, of which it knows nothing; "
        f"{_HINTS[member]}",
        {"unreadable": text},
    )
