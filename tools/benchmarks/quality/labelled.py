"""Photographs of a pack that have one label each, and what the service says of them."""

from collections.abc import Iterator, Sequence

from tqdm import tqdm

from bootstrap import Services
from domain.arrays import Floats
from domain.labels import Vocabulary
from services.classify.service import ClassifierInputs
from services.images.photo import Photo
from tools.benchmarks.quality.part import Part

PHOTOGRAPHS = 1_000
"""So many are judged at most, spread evenly over the pack."""


def labelled(part: Part) -> list[tuple[str, str]]:
    """Keys and labels of the photographs that are judged."""
    total = len(part.keys)
    count = min(total, PHOTOGRAPHS)
    chosen = [part.keys[place * total // count] for place in range(count)]
    return [(key, str(part.pack.index[key]["label"])) for key in chosen]


def photographs(part: Part, chosen: Sequence[tuple[str, str]]) -> Iterator[tuple[Photo, str]]:
    """The photographs and their labels, one in memory at a time."""
    for key, label in tqdm(chosen, unit="photo"):
        yield Photo.of(part.pack.image(key), key), label


def row_of(services: Services, photo: Photo, vocabulary: Vocabulary) -> Floats:
    """Probabilities [L + 1] of the names; that of the reject class stands last."""
    row: Floats = services.classifier.predict(ClassifierInputs((photo,), vocabulary))[0]
    return row
