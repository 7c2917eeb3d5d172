"""Keeps the vocabularies of the service, and resolves the one that a request uses."""

import re
from collections.abc import Sequence
from pathlib import Path

from domain.errors import InvalidRequest, ModelUnavailable, UnknownVocabulary
from domain.labels import Label, Vocabulary
from domain.ports.models import DualEncoder, ModelProvider
from domain.ports.stores import VocabularyStore
from services.vocabularies.languages import read_languages
from services.vocabularies.parse import checked_label, parse_vocabulary_file, vocabulary_from_list
from services.vocabularies.readable import check_readable, check_readable_label


class Vocabularies:
    """All named vocabularies: those of a directory, read once, and those that callers taught.

    Args:
        directory: Folder of the files NAME.txt, and of `languages/CODE.txt` with translations of the default
            one.
        default: Name of the vocabulary of requests that name none.
        taught: Store of the taught ones; None without teaching.
        labeller: The model that reads the labels, asked whether it reads any language; None stands for one
            that reads English.

    Raises:
        ValueError: A file cannot be parsed, or there is none of the default's name.
    """

    def __init__(
        self,
        directory: Path,
        default: str,
        taught: VocabularyStore | None = None,
        labeller: ModelProvider[DualEncoder] | None = None,
    ) -> None:
        self._by_name = {path.stem: parse_vocabulary_file(path) for path in sorted(directory.glob("*.txt"))}
        if default not in self._by_name:
            raise ValueError(f"expected a vocabulary {default!r} among {self.built_in} in {directory}")
        self.default = self._by_name[default]
        self.languages = read_languages(directory / "languages", self.default)
        self._taught = taught
        self._labeller = labeller

    @property
    def built_in(self) -> list[str]:
        """Names of the vocabularies that come with the service, sorted."""
        return list(self._by_name)

    @property
    def names(self) -> list[str]:
        """Names of all vocabularies: first those that come with the service, then the taught ones.

        Raises:
            StorageUnavailable: The taught ones cannot be read.
        """
        taught = self._taught.latest() if self._taught else []
        return [*self._by_name, *(each.name for each in taught if each.name not in self._by_name)]

    def get(self, name: str) -> Vocabulary:
        """Return the vocabulary of that name; a taught one in its newest version, or as `name@version`.

        Raises:
            StorageUnavailable: The taught ones cannot be read, and none of the others has the name.
            UnknownVocabulary: No vocabulary has the name.
        """
        found = self._by_name.get(name) or self._taught_vocabulary(name)
        if found is None:
            names = self.names
            raise UnknownVocabulary(
                f"vocabulary: expected one of {', '.join(names)}, got {name!r}", {"vocabularies": names}
            )
        return found

    def resolve(
        self,
        labels: Sequence[str] | None,
        vocabulary: str | None,
        lang: str | None = None,
        labels_lang: str | None = None,
    ) -> Vocabulary:
        """Return the vocabulary of a request: its own labels, a named vocabulary, or the default.

        Args:
            labels: Labels of the request.
            vocabulary: Name of a vocabulary, instead of labels.
            lang: Code of the language in which the answer names labels; None leaves them as they are.
            labels_lang: Code of the language in which `labels` are written; None reads them as they are.

        Raises:
            InvalidRequest: Labels and a vocabulary were sent, one of the values is invalid, or the text tower
                cannot read a label or tell it from another.
            UnknownVocabulary: No vocabulary has the name.
        """
        if labels is not None and vocabulary is not None:
            raise InvalidRequest("expected either `labels` or `vocabulary`, got both")
        if labels is not None:
            code = None if labels_lang is None else self.languages.check(labels_lang, "labels_lang")
            found = self.with_readings(vocabulary_from_list(labels, code))
            self.check_readable(found.labels)
        elif labels_lang is not None:
            raise InvalidRequest(f"labels_lang: expected it with `labels` only, got {labels_lang!r} without")
        else:
            found = self.default if vocabulary is None else self.get(vocabulary)
        return found if lang is None else self.languages.named_in(found, lang)

    def phrases(self, texts: Sequence[str], labels_lang: str | None = None) -> tuple[Label, ...]:
        """Return the phrases of a text prompt as labels, one for each text, in order; equal ones are allowed.

        Args:
            texts: The phrases as they were sent.
            labels_lang: Code of the language in which they are written; None reads them as they are.

        Raises:
            InvalidRequest: A phrase cannot be a label, the language is not known, or the text tower knows no
                token of a phrase.
        """
        code = None if labels_lang is None else self.languages.check(labels_lang, "labels_lang")
        encoder, found = self._encoder(), []
        for text in texts:
            alone = Vocabulary("texts", (Label(checked_label(text, "texts")),), code)
            found += self.with_readings(alone).labels
        if encoder is not None:
            for phrase in found:
                check_readable_label(phrase, "texts", encoder)
        return tuple(found)

    def with_readings(self, vocabulary: Vocabulary) -> Vocabulary:
        """Return a vocabulary with the English texts that the text tower reads instead of its words.

        A tower that reads any language gets the words themselves.

        Raises:
            InvalidRequest: Words of two labels would be read as the same text.
        """
        if vocabulary.lang is None or self._multilingual():
            return vocabulary
        return self.languages.with_readings(vocabulary)

    def check_readable(self, labels: Sequence[Label]) -> None:
        """Refuse labels that the text tower cannot read or tell apart; without a labeller nothing is checked.

        Raises:
            InvalidRequest: There are such labels.
        """
        encoder = self._encoder()
        if encoder is not None:
            check_readable(labels, encoder)

    def _multilingual(self) -> bool:
        encoder = self._encoder()
        return encoder is not None and encoder.prompting.multilingual

    def _encoder(self) -> DualEncoder | None:
        try:
            return None if self._labeller is None else self._labeller.get()
        except ModelUnavailable:  # What needs the labeller says so itself.
            return None

    def _taught_vocabulary(self, name: str) -> Vocabulary | None:
        """Return the taught vocabulary of that name or `name@version`; None if there is none."""
        taught = self._taught.get(*split_version(name)) if self._taught else None
        if taught is None:
            return None
        kept = taught.vocabulary
        return self.with_readings(Vocabulary.of(kept.name, kept.labels, kept.lang))


def split_version(name: str) -> tuple[str, int | None]:
    """Split `name@version`; a name without a number after its @ stays whole, with the version None."""
    match = re.fullmatch("([^@]*)@([0-9]{1,9})", name)
    return (match[1], int(match[2])) if match else (name, None)
