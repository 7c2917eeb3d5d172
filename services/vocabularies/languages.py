"""Translates labels: words of a request to English prompts, and vocabularies to the language of an answer."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from domain.errors import InvalidRequest
from domain.labels import Label, Vocabulary
from services.vocabularies.parse import parse_vocabulary_file

ENGLISH_CODE = "en"


class Languages:
    """Words of other languages for English labels, read once from files.

    The text tower of the embedded labeller knows English only, and so do most CLIP models: it reads the
    English prompt of a word, while the answer has the word as it was sent. A multilingual tower reads the
    word itself, so that all labels of a list are compared in the language in which they were sent.

    Args:
        words: Words of each English label by language code, the word that answers use first.
        known: The vocabulary of English labels, with the prompts that the text tower reads for them.
    """

    def __init__(self, words: Mapping[str, Mapping[str, tuple[str, ...]]], known: Vocabulary) -> None:
        self._words = words
        self._known = {label.name.casefold(): label for label in known.labels}
        self._meanings: dict[str, dict[str, str]] = {}
        for language, names in words.items():
            for name, all_words in names.items():
                for word in all_words:
                    self._meanings.setdefault(word.casefold(), {})[language] = name

    @property
    def codes(self) -> list[str]:
        """Codes of all languages, English first."""
        return [ENGLISH_CODE, *self._words]

    def check(self, language: str) -> str:
        """Return the code of a language, which may be given with a region ("pt-BR").

        Raises:
            InvalidRequest: The language is not known.
        """
        code = language.replace("_", "-").split("-")[0].casefold()
        if code not in self.codes:
            raise InvalidRequest(
                f"lang: expected one of {', '.join(self.codes)}, got {language!r}", {"languages": self.codes}
            )
        return code

    def with_english_prompts(self, label: Label, language: str | None) -> Label:
        """Return the label with English prompts for the text tower.

        A label stays as it is if it has prompts, is English, or is a word of different meanings in different
        languages and `language` does not decide between them.
        """
        folded = label.name.casefold()
        if label.prompts or folded in self._known:
            return label
        meanings = self._meanings.get(folded, {})
        meant = {meanings[language]} if language in meanings else {*meanings.values()}
        if len(meant) != 1:
            return label
        return replace(label, prompts=self._prompts(meant.pop()), sent=label.name)

    def translate(self, vocabulary: Vocabulary, language: str) -> Vocabulary:
        """Return the vocabulary with its labels in a language; labels without a word in it stay.

        Labels that get the same name become one label with the texts and the examples of all.

        Raises:
            InvalidRequest: The language is not known.
        """
        code = self.check(language)
        named: dict[str, Label] = {}
        for label in vocabulary.labels:
            found = self._translate_label(label, code)
            named[found.name] = _merge_labels(named[found.name], found) if found.name in named else found
        return Vocabulary(vocabulary.name, tuple(named.values()))

    def _translate_label(self, label: Label, code: str) -> Label:
        english = self._english(label.name)
        if english is None:
            return label
        words = (english,) if code == ENGLISH_CODE else self._words[code].get(english, (label.name,))
        return replace(label, name=words[0], prompts=label.prompts or self._prompts(english))

    def _english(self, name: str) -> str | None:
        """Return the English label that a word means; None if it is not known or has different meanings."""
        if known := self._known.get(name.casefold()):
            return known.name
        meant = {*self._meanings.get(name.casefold(), {}).values()}
        return meant.pop() if len(meant) == 1 else None

    def _prompts(self, english: str) -> tuple[str, ...]:
        label = self._known.get(english.casefold())
        return label.prompts or (english,) if label else (english,)


def _merge_labels(one: Label, other: Label) -> Label:
    """Merge two labels of one name; a multilingual tower reads the prompts if they differ."""
    prompts, more = (label.prompts or (label.name,) for label in (one, other))
    return replace(
        one,
        prompts=_unique(prompts, more),
        aliases=_unique(one.aliases, other.aliases),
        sent=one.sent if {*more} <= {*prompts} else None,
        examples=_unique(one.examples, other.examples),
    )


def _unique(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *more)))


def read_languages(directory: Path, known: Vocabulary) -> Languages:
    """Read the languages in the files CODE.txt of a directory, each line being `name | word; word`.

    Raises:
        ValueError: A line cannot be parsed.
    """
    words = {
        path.stem: {label.name: label.prompts for label in parse_vocabulary_file(path).labels}
        for path in sorted(directory.glob("*.txt"))
    }
    return Languages(words, known)
