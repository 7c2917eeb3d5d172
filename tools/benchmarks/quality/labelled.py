"""Reads images with one label each, and predicts labels for them."""

from collections.abc import Iterator, Sequence

from tqdm import tqdm

from bootstrap import Services
from domain.arrays import Floats
from domain.labels import Vocabulary
from services.images.photo import Photo
from services.progress import Progress
from tools.benchmarks.quality.part import Part

IMAGES = 1_000
"""Largest number of images; they are spread evenly over the pack."""


def labelled(part: Part) -> list[tuple[str, str]]:
    """Return keys and labels of the images that are evaluated."""
    total = len(part.keys)
    count = min(total, IMAGES)
    chosen = [part.keys[place * total // count] for place in range(count)]
    return [(key, str(part.pack.index[key]["label"])) for key in chosen]


def photographs(part: Part, chosen: Sequence[tuple[str, str]]) -> Iterator[tuple[Photo, str]]:
    """Yield images and their labels, with one image in memory at a time."""
    for key, label in tqdm(chosen, unit="image"):
        yield Photo.of(part.pack.image(key), key), label


def probabilities_of(services: Services, photo: Photo, vocabulary: Vocabulary) -> Floats:
    """Return the probabilities of the labels and, last, of the reject class, float32 [L + 1]."""
    return services.classifier.prediction(photo, vocabulary, False, Progress()).probabilities
