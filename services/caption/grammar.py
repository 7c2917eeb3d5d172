"""The nouns that sentences treat in a way of their own; all others are counted things."""

import re
from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MASS_NOUNS = _words(
    "bread broccoli butter cheese dirt fire fog food fruit furniture grass gravel hay ice luggage meat mud "
    "pasta rice sand sky smoke snow soil soup tennis traffic vegetation water wood"
)
"""Not counted."""

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
"""Plurals that no rule makes."""

REGULAR_MAN_NOUNS = _words("caiman german human ottoman roman shaman talisman")
"""End in "man" and have an ordinary plural."""

PLURAL_NOUNS = frozenset(several for one, several in IRREGULAR_PLURALS.items() if several != one) | _words(
    "bikinis emus firemen fishermen kiwis menus policemen policewomen skis snowmen taxis"
)
"""Plural already, though not by the look of it: others end in "s", but not in "ss", "us" or "is"."""

SINGULAR_S_NOUNS = _words(
    "asbestos atlas bias canvas christmas cosmos gas lens mercedes news pancreas rhinoceros series species "
    "thermos"
)
"""Look like plurals, and are not."""

SPELLED_ABBREVIATIONS = _words("atm cd dvd fm hdtv lcd led lp mp3 mri rv suv tv ufo usb vhs")
"""Abbreviations that are said letter by letter, as people write them without capitals."""

SPOKEN_ABBREVIATIONS = frozenset({"LAN", "RAM", "ROM", "SIM"})
"""Short abbreviations that are said as words."""

CONSONANT_SOUND_VOWELS = re.compile(
    r"uni(?!n|m|dent)|us[eu]|ut(?!ter|most)|uku?|uga|uru|uri|ura|eu|ew|one(?![a-z])|once\b|onesie|ouija",
    re.IGNORECASE,
)
"""Words that begin with a written vowel and a spoken consonant: as "you" or "one" do."""

SUPPORT_NOUNS = _words(
    "beach bed bench carpet chair couch desk floor grass gravel ground ice lawn pavement plate road rock rug "
    "sand sidewalk snow sofa street table"
)
"""Other things stand or lie on them."""

CONTAINER_NOUNS = _words("basket bathtub bowl box crib field lake mud ocean pool river sea water")
"""Other things are in them."""

SCENERY_NOUNS = _words(
    "beach building fence field floor grass gravel ground house ice lake mountain ocean river road sand sea "
    "sky snow street tree wall water window"
)
"""A sentence is about them only where nothing else is seen."""

SKY_NOUN = "sky"
"""Behind everything."""

COUNTED_SCENERY_NOUNS = _words("building house mountain tree window")
"""Of scenery, what is told as several where several were seen: two stretches of road are one road."""

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five")

MANY_WORD = "several"

_ARTICLE = re.compile(r"^(?:an?|some)\s+(?=\S)", re.IGNORECASE)

_OWN_ARTICLE = re.compile(r"^(?:the|my|his|her|our|their|your)\s", re.IGNORECASE)

_TAIL = re.compile(r"\s(?:of|in|on|with|at|for|from|by|and|or|under|over|near|that|who)\s.*$", re.IGNORECASE)

_SILENT_H = re.compile(r"(?:hour|honest|honou?r|heir)", re.IGNORECASE)

_NUMBER = re.compile(r"\d")

_EIGHT = re.compile(r"8|1[18](?!\d)")

_LETTER = re.compile(r"[a-z](?![a-z])", re.IGNORECASE)

_ABBREVIATION = re.compile(r"(?:[A-Z]{2,3}|[B-DF-HJ-NP-TV-XZ]{4,})(?:s|\d+)?(?![A-Za-z])")

_IN_S = re.compile(r"[^siu]s$")


def strip_article(name: str) -> str:
    """A name without the article "a", "an" or "some" that callers may have written before it."""
    return _ARTICLE.sub("", name.strip())


def is_mass_noun(name: str) -> bool:
    """Whether the thing is not counted: "grass", "tall grass", not "glass of water"."""
    return _head(name).lower() in MASS_NOUNS


def is_plural_noun(name: str) -> bool:
    """Whether the name speaks of several already: "french fries"."""
    head = _head(name)
    return head.lower() in PLURAL_NOUNS or (
        _IN_S.search(head.lower()) is not None and head.lower() not in SINGULAR_S_NOUNS and not head.isupper()
    )


def pluralize(name: str) -> str:
    """The name of several: "hot dogs", "cups of coffee"; of one that has no other form, the name."""
    if is_mass_noun(name) or is_plural_noun(name):
        return name
    tail = _TAIL.search(name)
    front, rest = (name[: tail.start()], tail[0]) if tail else (name, "")
    *before, noun = front.split(" ")
    return " ".join([*before, _plural(noun)]) + rest


def count_phrase(name: str, count: int) -> str:
    """So many of it in words: "a dog", "two dogs", "several dogs"; mass nouns and plurals as they are."""
    name = strip_article(name)
    if is_mass_noun(name) or is_plural_noun(name) or _OWN_ARTICLE.match(name):
        return name
    if count == 1:
        return f"{indefinite_article(name)} {name}"
    number = NUMBER_WORDS[count] if count < len(NUMBER_WORDS) else MANY_WORD
    return f"{number} {pluralize(name)}"


def indefinite_article(phrase: str) -> str:
    """The word "an" before a vowel that is heard, else "a": "an hour", "an SUV", "an 8-ball", "a UFO"."""
    first = phrase[:1].lower()
    if _NUMBER.match(phrase):
        heard = _EIGHT.match(phrase) is not None
    elif _is_spelled(phrase):
        heard = first in "aefhilmnorsx"
    else:
        heard = bool(_SILENT_H.match(phrase)) or (
            first in "aeiou" and not CONSONANT_SOUND_VOWELS.match(phrase)
        )
    return "an" if heard else "a"


def _is_spelled(phrase: str) -> bool:
    """Whether the first word is said letter by letter: "x-ray", "SUV", "led lamp", not "STOP sign"."""
    word = re.split(r"[\s-]", phrase, maxsplit=1)[0]
    if word.lower() in SPELLED_ABBREVIATIONS or _LETTER.match(phrase):
        return True
    return _ABBREVIATION.match(word) is not None and word not in SPOKEN_ABBREVIATIONS


def join_phrases(phrases: Sequence[str]) -> str:
    """A list: "a, b and c"."""
    *first, last = phrases
    return f"{', '.join(first)} and {last}" if first else last


def to_sentence(phrase: str) -> str:
    """A capital letter at the beginning, a full stop at the end."""
    return f"{phrase[:1].upper()}{phrase[1:]}."


def _head(name: str) -> str:
    """The noun that the others describe: the last word before "of", "in" and their like."""
    return _TAIL.sub("", strip_article(name)).rsplit(" ", 1)[-1]


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
