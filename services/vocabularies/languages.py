"""Translates words of a language to English for the text tower, and English labels for answers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from domain.errors import InvalidRequest
from domain.labels import Label, Vocabulary, label_key
from services.vocabularies.characters import text_problem
from services.vocabularies.parse import items, numbered_lines

ENGLISH_CODE = "en"


@dataclass(frozen=True)
class Language:
    """Words of one language for the labels of the default vocabulary.

    Attributes:
        words: The word that answers use, by the key of the English label.
        readings: English text for each word, by the key of the word.
    """

    words: Mapping[str, str]
    readings: Mapping[str, str]


class Languages:
    """The languages in which labels can be sent and answered.

    The text tower of the embedded labeller knows English only, and so do most CLIP models. They get the
    English text of a word where the caller names the language of the labels; no word is guessed.

    Args:
        by_code: The languages by code, English excluded.
        known: The default vocabulary, whose labels can be answered in every language.
    """

    def __init__(self, by_code: Mapping[str, Language], known: Vocabulary) -> None:
        self._by_code = by_code
        self._known = {label_key(name): name for name in known.names}

    @property
    def codes(self) -> list[str]:
        """Codes of all languages, English first."""
        return [ENGLISH_CODE, *self._by_code]

    def check(self, language: str, member: str = "lang") -> str:
        """Return the code of a language, which may be given with a region ("pt-BR").

        Args:
            language: The language as it was sent.
            member: Member of the request, for the message.

        Raises:
            InvalidRequest: The language is not known.
        """
        code = language.replace("_", "-").split("-")[0].casefold()
        if code not in self.codes:
            raise InvalidRequest(
                f"{member}: expected one of {', '.join(self.codes)}, got {language!r}",
                {"languages": self.codes},
            )
        return code

    def with_readings(self, vocabulary: Vocabulary) -> Vocabulary:
        """Return the vocabulary with the English texts that a tower for English reads instead of its words.

        Names and aliases are translated, prompts are not: they are texts for the tower. Words without a
        translation are read as they are and stand in `untranslated`.

        Raises:
            InvalidRequest: Words of two labels would be read as the same text.
        """
        lang = vocabulary.lang
        if lang is None or lang == ENGLISH_CODE:
            return vocabulary
        labels = tuple(
            replace(label, readings=tuple(self._readings(label, lang))) for label in vocabulary.labels
        )
        _check_distinct(labels)
        words = dict.fromkeys(word for label in labels for word in _words(label))
        unknown = tuple(word for word in words if self._reading(word, lang) is None)
        return replace(vocabulary, labels=labels, untranslated=unknown)

    def named_in(self, vocabulary: Vocabulary, language: str) -> Vocabulary:
        """Return the vocabulary with those names in a language that are, or mean, a default label.

        Other names stay as they are, and so do names that are in that language already, and names that two
        labels would share.

        Raises:
            InvalidRequest: The language is not known.
        """
        code = self.check(language)
        if code == (vocabulary.lang or ENGLISH_CODE):
            return vocabulary
        sent = vocabulary.names
        names = [self._name_in(name, vocabulary.lang, code) for name in sent]
        while shared := _shared_keys(names):
            names = [old if label_key(new) in shared else new for old, new in zip(sent, names, strict=True)]
        labels = map(_renamed, vocabulary.labels, names)
        return replace(vocabulary, labels=tuple(labels))

    def _reading(self, word: str, code: str | None) -> str | None:
        language = None if code is None else self._by_code.get(code)
        return None if language is None else language.readings.get(label_key(word))

    def _readings(self, label: Label, code: str | None) -> Iterator[tuple[str, str]]:
        """Yield each word of the label that is read as another text, with that text."""
        for word in _words(label):
            text = self._reading(word, code)
            if text is not None and text != word:
                yield word, text

    def _name_in(self, name: str, lang: str | None, code: str) -> str:
        key = label_key(self._reading(name, lang) or name)
        if key not in self._known:
            return name
        return self._known[key] if code == ENGLISH_CODE else self._by_code[code].words.get(key, name)


def _words(label: Label) -> tuple[str, ...]:
    """Return the words of a label that are read: its aliases, and its name unless it has prompts."""
    return label.aliases if label.prompts else (label.name, *label.aliases)


def _check_distinct(labels: tuple[Label, ...]) -> None:
    """Refuse words of two labels of which at least one is translated to the text of the other."""
    first: dict[str, tuple[int, str, bool]] = {}
    for index, label in enumerate(labels):
        read = dict(label.readings)
        for word in _words(label):
            text, translated = read.get(word, word), word in read
            owner, other, before = first.setdefault(label_key(text), (index, word, translated))
            if owner != index and (translated or before):
                raise InvalidRequest(
                    f"labels: expected words of different meanings, got {other!r} and {word!r}, which are "
                    f"both read as {text!r}",
                    {"labels": [other, word], "read_as": text},
                )


def _shared_keys(names: list[str]) -> set[str]:
    return {key for key, count in Counter(map(label_key, names)).items() if count > 1}


def _renamed(label: Label, name: str) -> Label:
    """Return the label under another name; the text tower reads what it read before."""
    if name == label.name or label.prompts:
        return replace(label, name=name)
    if label.read_as is None:
        return replace(label, name=name, prompts=(label.name,))
    return replace(label, name=name, readings=(*label.readings, (name, label.read_as)))


def read_languages(directory: Path, known: Vocabulary) -> Languages:
    """Read the languages in the files CODE.txt of a directory.

    Each line is `label | word; word; word = text`. Answers use the first word. Words are read as the label;
    a word that means less or something else has its own English text behind `=`.

    Raises:
        ValueError: A line cannot be parsed, or a label or a word stands in a file twice.
    """
    by_code = {path.stem: _read_language(path) for path in sorted(directory.glob("*.txt"))}
    return Languages(by_code, known)


def _read_language(path: Path) -> Language:
    words: dict[str, str] = {}
    readings: dict[str, str] = {}
    for place, line in numbered_lines(path):
        label, found = _parse_words(place, line)
        for word, text in found.items():
            if label_key(word) in readings:
                raise ValueError(f"{place}: expected each word once in a file, got {word!r} again")
            readings[label_key(word)] = text
        if label_key(label) in words:
            raise ValueError(f"{place}: expected each label once in a file, got {label!r} again")
        words[label_key(label)] = next(iter(found))
    return Language(words, readings)


def _parse_words(place: str, line: str) -> tuple[str, dict[str, str]]:
    """Return the English label of a line, and the English text of each of its words, in order."""
    label, bar, field = (part.strip() for part in line.partition("|"))
    pairs = [[part.strip() for part in item.partition("=")] for item in items(field)]
    found = {word: text if equals else label for word, equals, text in pairs}
    valid = label and bar and pairs and "|" not in field and len(found) == len(pairs) and not pairs[0][1]
    if not valid or any(text_problem(text) for text in (label, *found, *found.values())):
        raise ValueError(
            f"{place}: expected `label | word; word; word = English text`, the first word without a text of "
            f"its own, got {line!r}"
        )
    return label, found
