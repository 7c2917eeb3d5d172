"""English grammar of labels: mass nouns, plurals, articles and lists."""

import re
from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MASS_NOUNS = _words(
    "bread broccoli butter cheese dirt fire fog food fruit furniture grass gravel hay ice luggage meat mud "
    "pasta rice sand sky smoke snow soil soup tennis traffic vegetation water wood"
)
"""Nouns that are not counted; all others are."""

IRREGULAR_PLURALS = {
    "person": "people", "man": "men", "woman": "women", "child": "children", "mouse": "mice", "foot": "feet",
    "tooth": "teeth", "goose": "geese", "ox": "oxen", "knife": "knives", "wife": "wives", "leaf": "leaves",
    "wolf": "wolves", "shelf": "shelves", "bookshelf": "bookshelves", "scarf": "scarves", "calf": "calves",
    "loaf": "loaves", "half": "halves", "thief": "thieves", "potato": "potatoes", "tomato": "tomatoes",
    "hero": "heroes", "bison": "bison", "deer": "deer", "fish": "fish", "moose": "moose", "sheep": "sheep",
    "aircraft": "aircraft", "cactus": "cacti", "elf": "elves", "hoof": "hooves", "mosquito": "mosquitoes",
    "quiz": "quizzes", "series": "series", "species": "species", "stomach": "stomachs",
    "volcano": "volcanoes",
}  # fmt: skip
"""Plurals that do not follow a rule."""

REGULAR_MAN_NOUNS = _words("caiman german human ottoman roman shaman talisman")
"""Nouns in "-man" with a regular plural."""

PLURAL_NOUNS = frozenset(
    plural for singular, plural in IRREGULAR_PLURALS.items() if plural != singular
) | _words("bikinis emus firemen fishermen kiwis menus policemen policewomen skis snowmen taxis")
"""Plurals that are not recognised by their ending, which is "s" but not "ss", "us" or "is"."""

SINGULAR_S_NOUNS = _words(
    "asbestos atlas bias canvas christmas cosmos gas lens mercedes news pancreas rhinoceros series species "
    "thermos"
)
"""Singular nouns in "-s" that look like plurals."""

SPELLED_ABBREVIATIONS = _words("atm cd dvd fm hdtv lcd led lp mp3 mri rv suv tv ufo usb vhs")
"""Abbreviations that are spelled letter by letter even when they are written in lower case."""

SPOKEN_ABBREVIATIONS = frozenset({"LAN", "RAM", "ROM", "SIM"})
"""Short abbreviations that are pronounced as words."""

CONSONANT_SOUND_VOWELS = re.compile(
    r"uni(?!n|m|dent)|us[eu]|ut(?!ter|most)|uku?|uga|uru|uri|ura|eu|ew|one(?![a-z])|once\b|onesie|ouija",
    re.IGNORECASE,
)
"""Words that begin with a vowel letter and a consonant sound, as in "unicorn" or "one"."""

SUPPORT_NOUNS = _words(
    "beach bed bench carpet chair couch desk floor grass gravel ground ice lawn pavement plate road rock rug "
    "sand sidewalk snow sofa street table"
)
"""Nouns for what other objects stand or lie on."""

CONTAINER_NOUNS = _words("basket bathtub bowl box crib field lake mud ocean pool river sea water")
"""Nouns for what other objects are in."""

SCENERY_NOUNS = _words(
    "beach building fence field floor grass gravel ground house ice lake mountain ocean river road sand sea "
    "sky snow street tree wall water window"
)
"""Nouns that are the subject of a sentence only if nothing else is present."""

SKY_NOUN = "sky"
"""Noun for what is behind everything else."""

COUNTED_SCENERY_NOUNS = _words("building house mountain tree window")
"""Scenery nouns that are put in the plural for several regions; two regions of a road are one road."""

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five")

MANY_WORD = "several"

_ARTICLE = re.compile(r"^(?:an?|some)\s+(?=\S)", re.IGNORECASE)

_DETERMINER = re.compile(r"^(?:the|my|his|her|our|their|your)\s", re.IGNORECASE)

_COMPLEMENT = re.compile(
    r"\s(?:of|in|on|with|at|for|from|by|and|or|under|over|near|that|who)\s.*$", re.IGNORECASE
)

_SILENT_H = re.compile(r"(?:hour|honest|honou?r|heir)", re.IGNORECASE)

_NUMBER = re.compile(r"\d")

_EIGHT_OR_ELEVEN = re.compile(r"8|1[18](?!\d)")

_SINGLE_LETTER = re.compile(r"[a-z](?![a-z])", re.IGNORECASE)

_ABBREVIATION = re.compile(r"(?:[A-Z]{2,3}|[B-DF-HJ-NP-TV-XZ]{4,})(?:s|\d+)?(?![A-Za-z])")

_PLURAL_S = re.compile(r"[^siu]s$")


def strip_article(phrase: str) -> str:
    """Return a noun phrase without a leading "a", "an" or "some"."""
    return _ARTICLE.sub("", phrase.strip())


def is_mass_noun(phrase: str) -> bool:
    """Return True for a mass noun such as "grass" or "tall grass", but not for "glass of water"."""
    return _head(phrase).lower() in MASS_NOUNS


def is_plural_noun(phrase: str) -> bool:
    """Return True if the noun phrase is plural already, such as "french fries"."""
    head = _head(phrase)
    return head.lower() in PLURAL_NOUNS or (
        _PLURAL_S.search(head.lower()) is not None
        and head.lower() not in SINGULAR_S_NOUNS
        and not head.isupper()
    )


def pluralize(phrase: str) -> str:
    """Return the plural, such as "hot dogs" or "cups of coffee"; mass nouns and plurals stay unchanged."""
    if is_mass_noun(phrase) or is_plural_noun(phrase):
        return phrase
    complement = _COMPLEMENT.search(phrase)
    head, rest = (phrase[: complement.start()], complement[0]) if complement else (phrase, "")
    *before, noun = head.split(" ")
    return " ".join([*before, _plural(noun)]) + rest


def count_phrase(phrase: str, count: int) -> str:
    """Return the noun phrase with its count: "a dog", "two dogs", "several dogs".

    Mass nouns, plurals and phrases with "the" or a possessive stay unchanged.
    """
    phrase = strip_article(phrase)
    if is_mass_noun(phrase) or is_plural_noun(phrase) or _DETERMINER.match(phrase):
        return phrase
    if count == 1:
        return f"{indefinite_article(phrase)} {phrase}"
    number = NUMBER_WORDS[count] if count < len(NUMBER_WORDS) else MANY_WORD
    return f"{number} {pluralize(phrase)}"


def indefinite_article(phrase: str) -> str:
    """Return "an" before a vowel sound, else "a": "an hour", "an SUV", "an 8-ball", "a UFO"."""
    first = phrase[:1].lower()
    if _NUMBER.match(phrase):
        vowel_sound = _EIGHT_OR_ELEVEN.match(phrase) is not None
    elif _is_spelled(phrase):
        vowel_sound = first in "aefhilmnorsx"
    else:
        vowel_sound = bool(_SILENT_H.match(phrase)) or (
            first in "aeiou" and not CONSONANT_SOUND_VOWELS.match(phrase)
        )
    return "an" if vowel_sound else "a"


def _is_spelled(phrase: str) -> bool:
    """Return True if the first word is spelled out: "x-ray", "SUV", "led lamp", but not "STOP sign"."""
    word = re.split(r"[\s-]", phrase, maxsplit=1)[0]
    if word.lower() in SPELLED_ABBREVIATIONS or _SINGLE_LETTER.match(phrase):
        return True
    return _ABBREVIATION.match(word) is not None and word not in SPOKEN_ABBREVIATIONS


def join_phrases(phrases: Sequence[str]) -> str:
    """Join phrases to a list such as "a, b and c"."""
    *first, last = phrases
    return f"{', '.join(first)} and {last}" if first else last


def to_sentence(phrase: str) -> str:
    """Return the phrase with a capital letter at the beginning and a full stop at the end."""
    return f"{phrase[:1].upper()}{phrase[1:]}."


def _head(phrase: str) -> str:
    """Return the head noun: the last word before a preposition or conjunction such as "of" or "in"."""
    return _COMPLEMENT.sub("", strip_article(phrase)).rsplit(" ", 1)[-1]


def _plural(noun: str) -> str:
    lower = noun.lower()
    if lower in IRREGULAR_PLURALS:
        return noun[:1] + IRREGULAR_PLURALS[lower][1:]
    if re.search(r"[sx]is$", lower):
        return noun[:-2] + "es"
    if re.search(r"(?:s|x|z|ch|sh)$", lower):
        return noun + "es"
    if re.search(r"[^aeiou]y$", lower):
        return noun[:-1] + "ies"
    if re.search(r"man$", lower) and lower not in REGULAR_MAN_NOUNS:
        return noun[:-2] + "en"
    return noun + "s"
