"""Names in other languages: what the caller's words mean, and what answers call things."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from domain.errors import InvalidRequest
from domain.labels import Label, Vocabulary
from services.vocabularies.parse import parse_vocabulary_file

ENGLISH_CODE = "en"


class Languages:
    """Words of other languages for English names, read once from files.

    The text tower of the embedded labeller knows English only, and so do most CLIPs: a word of another
    language is answered as it was sent, while the tower reads the English name. A multilingual tower reads
    the word itself, so that all names of a list are compared in the language they were sent in.

    Args:
        words: By language code: for each English name its words, the one that answers use first.
        known: What the text tower shall read for an English name, by casefolded name.
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
        """The code of a language, which may be sent with a region ("pt-BR").

        Raises:
            InvalidRequest: It is none of those known.
        """
        code = language.replace("_", "-").split("-")[0].casefold()
        if code not in self.codes:
            raise InvalidRequest(
                f"lang: expected one of {', '.join(self.codes)}, got {language!r}", {"languages": self.codes}
            )
        return code

    def with_english_prompts(self, label: Label, language: str | None) -> Label:
        """The label with prompts that the text tower understands.

        A name stays as it is that has prompts, is English, or means different things in different languages
        where `language` does not decide.
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
        """The vocabulary with names in a language; names that have no word in it stay.

        Labels that get one name become one label with the texts and the examples of them all.

        Raises:
            InvalidRequest: It is none of those known.
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
        """The English name that a word means; None where it means nothing known, or different things."""
        if known := self._known.get(name.casefold()):
            return known.name
        meant = {*self._meanings.get(name.casefold(), {}).values()}
        return meant.pop() if len(meant) == 1 else None

    def _prompts(self, english: str) -> tuple[str, ...]:
        label = self._known.get(english.casefold())
        return label.prompts or (english,) if label else (english,)


def _merge_labels(one: Label, other: Label) -> Label:
    """What two labels of one name stand for; a multilingual tower reads the prompts if they differ."""
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
    """The languages in the files CODE.txt of a directory, each line `name | word; word`.

    Raises:
        ValueError: A line cannot be read.
    """
    words = {
        path.stem: {label.name: label.prompts for label in parse_vocabulary_file(path).labels}
        for path in sorted(directory.glob("*.txt"))
    }
    return Languages(words, known)
