"""Tests of services/vocabularies/languages.py."""

from pathlib import Path

import pytest

from config.settings import Settings
from domain.errors import InvalidRequest, ModelUnavailable
from domain.labels import Label, Vocabulary, label_key
from domain.models import TextPrompting
from services.vocabularies.languages import Languages, read_languages
from services.vocabularies.library import Vocabularies
from services.vocabularies.parse import items, numbered_lines
from tests.conftest import lazy
from tests.fakes import ColorEncoder

SETTINGS = Settings()
FOLDER = SETTINGS.vocabulary_dir / "languages"
CODES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def words_of(code: str) -> list[str]:
    """Every word of a language file."""
    fields = [line.partition("|")[2] for _, line in numbered_lines(FOLDER / f"{code}.txt")]
    return [item.partition("=")[0].strip() for field in fields for item in items(field)]


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    """Those of the service."""
    return Vocabularies(SETTINGS.vocabulary_dir, SETTINGS.default_vocabulary)


class AnyLanguage(ColorEncoder):
    """Says of itself that it reads every language."""

    prompting = TextPrompting(("{}",), "crop", 10, multilingual=True)


@pytest.fixture(scope="module")
def multilingual() -> Vocabularies:
    return Vocabularies(
        SETTINGS.vocabulary_dir, SETTINGS.default_vocabulary, labeller=lazy(ColorEncoder(), AnyLanguage())
    )


def test_there_are_fourteen_languages() -> None:
    assert len(CODES) == 14


@pytest.mark.parametrize("code", [None, "en", *CODES])
def test_the_default_vocabulary_can_be_answered_in_every_language(
    vocabularies: Vocabularies, code: str | None
) -> None:
    shown = vocabularies.resolve(None, None, code)
    assert len({*map(label_key, shown.names)}) == 55
    assert [label.texts for label in shown.labels] == [label.texts for label in vocabularies.default.labels]


@pytest.mark.parametrize("code", CODES)
def test_the_words_of_a_language_are_read_in_english(vocabularies: Vocabularies, code: str) -> None:
    names = vocabularies.resolve(None, None, code).names
    found = vocabularies.resolve(names, None, labels_lang=code)
    assert found.names == names
    assert [label.texts for label in found.labels] == [(name,) for name in vocabularies.default.names]
    assert found.untranslated == ()
    assert vocabularies.resolve(names, None, "en", code).names == vocabularies.default.names
    assert vocabularies.resolve(names, None, code, code).names == names


@pytest.mark.parametrize("code", CODES)
def test_every_word_of_a_language_is_translated(vocabularies: Vocabularies, code: str) -> None:
    words = words_of(code)
    assert len({*map(label_key, words)}) == len(words) > 55
    for word in words:
        found = vocabularies.resolve([word, "zyxwv"], None, labels_lang=code)
        (text,), (other,) = (label.texts for label in found.labels)
        assert text.isascii()
        assert text
        assert found.labels[0].read_as == (None if text == word else text)
        assert (other, found.untranslated) == ("zyxwv", ("zyxwv",))


@pytest.mark.parametrize("lang", [None, "en", *CODES])
@pytest.mark.parametrize("code", CODES)
def test_no_word_is_looked_up_unless_the_caller_names_its_language(
    vocabularies: Vocabularies, code: str, lang: str | None
) -> None:
    for word in words_of(code):
        (label,) = vocabularies.resolve([word], None, lang).labels
        assert label.texts == (word,)
        assert label.read_as is None
        if label_key(word) not in map(label_key, vocabularies.default.names):
            assert label.name == word


@pytest.mark.parametrize("code", CODES)
def test_men_women_children_and_seas_stay_what_they_are(vocabularies: Vocabularies, code: str) -> None:
    readings = [vocabularies.resolve([word], None, None, code).labels[0].texts for word in words_of(code)]
    assert {("man",), ("woman",), ("child",), ("sea",), ("lake",), ("river",)} <= {*readings}
    everything = [("person",), ("water",)]
    assert [readings.count(each) for each in everything] == [1, 1]


@pytest.mark.parametrize("code", CODES)
def test_a_multilingual_tower_reads_the_words_themselves(multilingual: Vocabularies, code: str) -> None:
    words = words_of(code)
    found = multilingual.resolve(words, None, None, code)
    assert [label.texts for label in found.labels] == [(word,) for word in words]
    assert (found.readings, found.untranslated) == ({}, ())
    default = multilingual.default.names
    assert multilingual.resolve([words[0]], None, "en", code).names == (default[0],)
    assert [label.texts for label in multilingual.resolve(None, None, code).labels] == [
        label.texts for label in multilingual.default.labels
    ]


def test_a_labeller_that_is_missing_is_taken_for_one_that_reads_english() -> None:
    broken = lazy(ColorEncoder(), ModelUnavailable("no weights"))
    found = Vocabularies(SETTINGS.vocabulary_dir, SETTINGS.default_vocabulary, labeller=broken)
    assert found.resolve(["Katze"], None, None, "de").readings == {"Katze": "cat"}


@pytest.mark.parametrize(
    ("labels", "labels_lang", "lang", "names"),
    [
        (["cat", "Zebra", "CHAT"], None, "de", ("Katze", "Zebra", "CHAT")),
        (["Cat"], None, "en", ("Cat",)),
        (["Katze", "Hund"], "de", "en", ("cat", "dog")),
        (["Katze", "Hund"], "de", "fr", ("chat", "chien")),
        (["Pkw", "katze"], "de", "de", ("Pkw", "katze")),
        (["Mann", "Meer"], "de", "en", ("Mann", "Meer")),
        (["cat", "Katze"], None, "de", ("cat", "Katze")),
        (["Katze", "cat", "chat"], None, "fr", ("Katze", "cat", "chat")),
        (["dog", "cat", "Hund", "KATZE"], None, "de", ("dog", "cat", "Hund", "KATZE")),
        (["Cat"], "en", "de", ("Katze",)),
    ],
)
def test_labels_of_the_default_vocabulary_are_named_in_the_language_of_the_answer(
    vocabularies: Vocabularies,
    labels: list[str],
    labels_lang: str | None,
    lang: str,
    names: tuple[str, ...],
) -> None:
    found = vocabularies.resolve(labels, None, lang, labels_lang)
    plain = vocabularies.resolve(labels, None, None, labels_lang)
    assert found.names == names
    assert [label.texts for label in found.labels] == [label.texts for label in plain.labels]
    assert [label.read_as for label in found.labels] == [label.read_as for label in plain.labels]


@pytest.mark.parametrize(
    ("labels", "read_as"),
    [(["Auto", "Hund", "Wagen"], "car"), (["Katze", "cat"], "cat"), (["tomcat", "Kater"], "tomcat")],
)
def test_two_words_that_would_be_read_alike_are_refused(
    vocabularies: Vocabularies, labels: list[str], read_as: str
) -> None:
    with pytest.raises(InvalidRequest, match=f"both read as '{read_as}'") as refused:
        vocabularies.resolve(labels, None, None, "de")
    assert refused.value.details == {"labels": [labels[0], labels[-1]], "read_as": read_as}


def test_aliases_are_translated_and_prompts_are_not(vocabularies: Vocabularies) -> None:
    labels = (Label("Minka", aliases=("Katze", "KATZE")), Label("Hund", ("Katze",)))
    found = vocabularies.with_readings(Vocabulary("pets", labels, "de"))
    assert [label.texts for label in found.labels] == [("Minka", "cat", "cat"), ("Katze",)]
    assert (found.labels[1].read_as, found.untranslated) == (None, ("Minka",))
    with pytest.raises(InvalidRequest, match="'Auto' and 'Wagen'"):
        vocabularies.with_readings(Vocabulary("x", (Label("A", aliases=("Auto",)), Label("Wagen")), "de"))


@pytest.mark.parametrize("language", ["klingon", "", "xx-DE"])
@pytest.mark.parametrize("member", ["lang", "labels_lang"])
def test_other_languages_are_refused(vocabularies: Vocabularies, language: str, member: str) -> None:
    members = {"lang": None, "labels_lang": None, member: language}
    with pytest.raises(InvalidRequest, match=f"^{member}: expected one of en, ar, de"):
        vocabularies.resolve(["cat"], None, **members)


@pytest.mark.parametrize("vocabulary", [None, "default"])
def test_a_language_of_labels_needs_labels(vocabularies: Vocabularies, vocabulary: str | None) -> None:
    with pytest.raises(InvalidRequest, match="labels_lang: expected it with `labels` only"):
        vocabularies.resolve(None, vocabulary, None, "de")


@pytest.mark.parametrize("language", ["de", "DE", "de-AT", "de_CH"])
def test_codes_may_have_a_region(vocabularies: Vocabularies, language: str) -> None:
    assert vocabularies.resolve(["Katze"], None, None, language).readings == {"Katze": "cat"}
    assert vocabularies.resolve(None, None, language).names[2] == "Katze"


def read(tmp_path: Path, text: str) -> Languages:
    (tmp_path / "xy.txt").write_text(text, encoding="utf-8")
    return read_languages(tmp_path, Vocabulary("known", (Label("cat"), Label("dog"))))


def test_a_language_file(tmp_path: Path) -> None:
    languages = read(tmp_path, "# comment\n\ncat | miau; mau; kit = kitten\ndog | wau\n")
    assert languages.codes == ["en", "xy"]
    sent = Vocabulary.of("custom", [Label("MIAU"), Label("Kit"), Label("what")], "xy")
    found = languages.with_readings(sent)
    assert [label.texts for label in found.labels] == [("cat",), ("kitten",), ("what",)]
    assert found.untranslated == ("what",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cat\n", "line 1: expected `label | word"),
        ("cat | \n", "line 1"),
        (" | miau\n", "line 1"),
        ("cat | miau = kitten\n", "the first word without a text"),
        ("cat | miau; kit =\n", "line 1"),
        ("cat | miau; = kitten\n", "line 1"),
        ("cat | miau; miau = kitten\n", "line 1"),
        ("cat | miau | mau\n", "line 1"),
        ("cat | miau\n\ndog | wau; MIAU\n", "line 3: expected each word once in a file, got 'MIAU'"),
        ("cat | miau\nCat | mau\n", "line 2: expected each label once in a file, got 'Cat'"),
        ("cat | mi\u202eau\n", "line 1"),
    ],
)
def test_a_broken_language_file_names_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(tmp_path, text)
