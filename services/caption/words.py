"""The nouns that sentences treat in a way of their own; all others are counted things."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MASS = _words(
    "bread broccoli butter cheese dirt fire fog food fruit furniture grass gravel hay ice luggage meat mud "
    "pasta rice sand sky smoke snow soil soup traffic vegetation water wood"
)
"""Not counted."""

PLURALS = _words(
    "binoculars children clothes feet fries glasses goggles headphones jeans men pants people plants "
    "pliers scissors shorts stairs stones sunglasses teeth trees trousers women"
)
"""Plural already."""

IRREGULAR = {
    "person": "people", "man": "men", "woman": "women", "child": "children", "mouse": "mice", "foot": "feet",
    "tooth": "teeth", "goose": "geese", "ox": "oxen", "knife": "knives", "wife": "wives", "leaf": "leaves",
    "wolf": "wolves", "shelf": "shelves", "bookshelf": "bookshelves", "scarf": "scarves", "calf": "calves",
    "loaf": "loaves", "half": "halves", "thief": "thieves", "potato": "potatoes", "tomato": "tomatoes",
    "hero": "heroes", "bison": "bison", "deer": "deer", "fish": "fish", "moose": "moose", "sheep": "sheep",
    "aircraft": "aircraft", "cactus": "cacti",
}  # fmt: skip
"""Plurals that no rule makes."""

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
