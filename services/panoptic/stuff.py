"""Tells stuff, which has no countable instances, from things, much as COCO and Cityscapes do."""

import numpy as np

from domain.arrays import Mask
from domain.labels import Label, Vocabulary, label_key

STUFF = frozenset(
    word
    for line in (
        "sky, cloud, clouds, fog, smoke",
        "grass, lawn, meadow, field, playing field, moss",
        "foliage, leaves, vegetation, plants",
        "tree, trees, bush, bushes, hedge, forest, wood, woods, jungle",
        "road, street, asphalt, runway, track, railroad, pavement, sidewalk, footpath, path, platform",
        "ground, terrain, dirt, earth, soil, mud, gravel, sand, beach, desert",
        "rock, rocks, stones, rubble",
        "mountain, mountains, hill, hills, cliff, snow, ice, glacier",
        "water, sea, ocean, lake, river, pond, waterfall, waves",
        "building, buildings, facade, wall, brick wall, fence, railing, roof",
        "floor, carpet, ceiling, stairs",
        "background, backdrop, shadow",
    )
    for word in line.split(", ")
)
"""English words for stuff, in lower case.

COCO counts cabinets, tables, windows and other furnishings as stuff too; here they are things, because
callers count them.
"""


ARTICLES = ("a ", "an ", "the ", "some ")


def is_stuff(label: Label) -> bool:
    """Return whether the name of the label, or a text that says what it means, is in STUFF.

    An article before the word does not count.
    """
    texts = (label.name, *label.prompts, *(text for _, text in label.readings))
    return any(_without_article(label_key(text)) in STUFF for text in texts)


def _without_article(words: str) -> str:
    article = next((article for article in ARTICLES if words.startswith(article)), "")
    return words.removeprefix(article)


def stuff_mask(vocabulary: Vocabulary) -> Mask:
    """Return which labels of the vocabulary are stuff, bool [L]."""
    return np.array([is_stuff(label) for label in vocabulary.labels], np.bool_)
