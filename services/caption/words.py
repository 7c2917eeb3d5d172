"""The nouns that sentences treat in a way of their own; all others are counted things."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MASS = _words(
    "bread broccoli butter cheese dirt fire fog food fruit furniture grass gravel hay ice luggage meat mud "
    "pasta rice sand sky smoke snow soil soup tennis traffic vegetation water wood"
)
"""Not counted."""

IRREGULAR = {
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

NOT_MEN = _words("caiman german human ottoman roman shaman talisman")
"""End in "man" and have an ordinary plural."""

PLURALS = frozenset(several for one, several in IRREGULAR.items() if several != one) | _words(
    "bikinis emus firemen fishermen kiwis menus policemen policewomen skis snowmen taxis"
)
"""Plural already, though not by the look of it: others end in "s", but not in "ss", "us" or "is"."""

ONE_IN_S = _words(
    "asbestos atlas bias canvas christmas cosmos gas lens mercedes news pancreas rhinoceros series species "
    "thermos"
)
"""Look like plurals, and are not."""

SPELLED = _words("atm cd dvd fm hdtv lcd led lp mp3 mri rv suv tv ufo usb vhs")
"""Abbreviations that are said letter by letter, as people write them without capitals."""

SAID = frozenset({"LAN", "RAM", "ROM", "SIM"})
"""Short abbreviations that are said as words."""

SOFT_VOWELS = re.compile(
    r"uni(?!n|m|dent)|us[eu]|ut(?!ter|most)|uku?|uga|uru|uri|ura|eu|ew|one(?![a-z])|once\b|onesie|ouija",
    re.IGNORECASE,
)
"""Words that begin with a written vowel and a spoken consonant: as "you" or "one" do."""

ON = _words(
    "beach bed bench carpet chair couch desk floor grass gravel ground ice lawn pavement plate road rock rug "
    "sand sidewalk snow sofa street table"
)
"""Other things stand or lie on them."""

IN = _words("basket bathtub bowl box crib field lake mud ocean pool river sea water")
"""Other things are in them."""

SCENERY = _words(
    "beach building fence field floor grass gravel ground house ice lake mountain ocean river road sand sea "
    "sky snow street tree wall water window"
)
"""A sentence is about them only where nothing else is seen."""

SKY = "sky"
"""Behind everything."""

SEVERAL = _words("building house mountain tree window")
"""Of scenery, what is told as several where several were seen: two stretches of road are one road."""
