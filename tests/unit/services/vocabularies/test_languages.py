"""Names in other languages."""

import pytest

from config.settings import Settings
from domain.errors import InvalidRequest
from domain.labels import Label, Vocabulary
from services.vocabularies.library import Vocabularies


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    """Those of the service."""
    settings = Settings()
    return Vocabularies(settings.vocabulary_dir, settings.default_vocabulary)


def test_every_language_has_every_name_of_the_default_vocabulary_once(vocabularies: Vocabularies) -> None:
    codes = vocabularies.languages.codes
    assert len(codes) >= 11
    assert {"en", "de", "fr", "es", "zh", "ja", "ar"} <= set(codes)
    for code in codes:
        shown = vocabularies.resolve(None, None, code)
        assert len(shown.names) == 55
        assert [label.texts for label in shown.labels] == [
            label.prompts or (label.name,) for label in vocabularies.default.labels
        ]


def test_names_in_a_language_are_read_as_the_english_ones(vocabularies: Vocabularies) -> None:
    german = {label.name: label for label in vocabularies.resolve(None, None, "de").labels}
    assert german["Katze"].texts == ("cat",)
    assert german["Maus"].texts == ("computer mouse",)
    assert vocabularies.resolve(None, None, "de-AT") == vocabularies.resolve(None, None, "DE")
    assert vocabularies.resolve(None, None, "en").names == vocabularies.default.names


def test_the_words_of_callers_are_understood_and_answered_as_sent(vocabularies: Vocabularies) -> None:
    found = vocabularies.resolve(["Katze", "chien", "自行车", "zebra", "mouse", "gato"], None)
    assert found.names == ("Katze", "chien", "自行车", "zebra", "mouse", "gato")
    texts = [label.texts for label in found.labels]
    assert texts == [("cat",), ("dog",), ("bicycle",), ("zebra",), ("mouse",), ("cat",)]


def test_a_multilingual_tower_reads_the_words_of_callers_themselves(vocabularies: Vocabularies) -> None:
    def own(names: list[str] | None, language: str | None = None) -> list[tuple[str, ...]]:
        return [label.untranslated_texts for label in vocabularies.resolve(names, None, language).labels]

    assert own(["Katze", "自行车", "zebra", "mouse"]) == [("Katze",), ("自行车",), ("zebra",), ("mouse",)]
    assert own(["Katze", "dog"], "fr") == [("Katze",), ("dog",)]
    # A vocabulary of the service is read in English, which it was written in.
    assert own(None, "de") == [label.texts for label in vocabularies.default.labels]


def test_they_are_answered_in_the_language_asked_for(vocabularies: Vocabularies) -> None:
    found = vocabularies.resolve(["Katze", "dog", "zebra"], None, "fr")
    assert found.names == ("chat", "chien", "zebra")
    assert vocabularies.resolve(["Kater", "cat", "Katze"], None, "de").names == ("Katze",)


def test_labels_that_get_one_name_become_one_with_all_that_they_have(vocabularies: Vocabularies) -> None:
    taught = Vocabulary(
        "pets",
        (
            Label("dog", ("a dog",), ("hound",), examples=("a", "b")),
            Label("zyx", examples=("c",)),
            Label("perro", ("my dog", "a dog"), ("Rex",), examples=("b", "d")),
        ),
    )
    dog, other = vocabularies.languages.translate(taught, "es").labels
    assert other == Label("zyx", examples=("c",))
    assert dog == Label("perro", ("a dog", "my dog"), ("hound", "Rex"), examples=("a", "b", "d"))
    plain = Vocabulary("pets", (Label("dog"), Label("perro", ("dog",), sent="perro", examples=("a",))))
    (label,) = vocabularies.languages.translate(plain, "es").labels
    assert (label.name, label.texts, label.examples) == ("perro", ("dog",), ("a",))
    (label,) = vocabularies.languages.translate(plain, "en").labels
    assert (label.name, label.texts, label.examples) == ("dog", ("dog",), ("a",))


def test_a_multilingual_tower_reads_all_prompts_of_joined_labels(vocabularies: Vocabularies) -> None:
    labels = (Label("Hund", ("dog",), sent="Hund"), Label("dog", ("my dog",)))
    (label,) = vocabularies.languages.translate(Vocabulary("pets", labels), "de").labels
    assert (label.name, label.untranslated_texts) == ("Hund", ("dog", "my dog"))


def test_a_word_of_two_meanings_needs_the_language(vocabularies: Vocabularies) -> None:
    languages = vocabularies.languages
    assert languages.with_english_prompts(Label("bord"), None) == Label(
        "bord"
    )  # A Swedish table, a Dutch plate.
    assert languages.with_english_prompts(Label("bord"), "sv").texts == ("table",)
    assert languages.with_english_prompts(Label("bord"), "nl").texts == ("plate",)


def test_prompts_of_a_caller_stay(vocabularies: Vocabularies) -> None:
    label = Label("Katze", ("a striped cat",))
    assert vocabularies.languages.with_english_prompts(label, "de") == label


@pytest.mark.parametrize("language", ["klingon", "", "xx-DE"])
def test_other_languages_are_refused(vocabularies: Vocabularies, language: str) -> None:
    with pytest.raises(InvalidRequest, match="lang: expected one of en, ar, de"):
        vocabularies.resolve(None, None, language)
