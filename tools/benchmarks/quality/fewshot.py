"""Measures how much examples help: whole images are labelled with 0, 1, 2 ... examples of each label.

The embedded labeller was trained on the whole pack of Caltech101, so that this shows the gain for labels that
it knows. docs/decisions/0014-teaching.md has the figures of heads that were fitted without that pack.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from adapters.memory_cache import ByteBudgetCache
from bootstrap import Services, build_services
from config.settings import Settings
from domain.arrays import Floats
from domain.labels import Label, Vocabulary
from domain.ports.models import DualEncoder
from services.labels.confidence import label_probabilities
from services.labels.encode import ImageVectors
from services.labels.examples import ExampleVectors
from services.labels.vectors import VocabularyEncoder
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

EVALUATED = 5
"""Number of images of each label that are never an example; they are the same for all seeds."""

SHOTS = (1, 2, 4, 8, 10, 16)
"""Numbers of examples of each label."""

SEEDS = 3
"""Number of draws of the examples."""

MEMORY = 64 * 1024 * 1024
"""Size of the cache of vectors in bytes."""


class KnownVectors(ExampleVectors):
    """The vectors of examples by their key, encoded once for all measurements.

    Args:
        keys: The keys.
        vectors: float32 [N, D].
    """

    def __init__(self, keys: Sequence[str], vectors: Floats) -> None:
        self._rows = dict(zip(keys, vectors, strict=True))

    def of(self, digests: Sequence[str], encoder: DualEncoder) -> Floats:  # noqa: ARG002
        """Return the vectors of the keys, float32 [len(digests), D]."""
        return np.stack([self._rows[key] for key in digests])


@dataclass(frozen=True)
class Material:
    """The encoded images of a pack.

    Attributes:
        keys: Keys of the images.
        labels: All labels.
        target: Index of the label of each image, int64 [N].
        image_vectors: Vectors of the images.
        evaluated: bool [N], true for images that are evaluated; the others may be examples.
    """

    keys: NDArray[np.str_]
    labels: tuple[str, ...]
    target: NDArray[np.int64]
    image_vectors: ImageVectors
    evaluated: NDArray[np.bool_]

    def examples(self, label: int, shots: int, seed: int) -> tuple[str, ...]:
        """Return the keys of random images of a label; fewer shots are a part of more."""
        pool = self.keys[(self.target == label) & ~self.evaluated]
        order = np.random.default_rng([seed, label]).permutation(len(pool))
        return tuple(pool[order[:shots]].tolist())

    @property
    def most_shots(self) -> int:
        """Number of examples that every label has."""
        return int(np.bincount(self.target[~self.evaluated], minlength=len(self.labels)).min())


@dataclass(frozen=True)
class Figures:
    """Shares of the evaluated images, means over the seeds.

    Attributes:
        all_taught: Right label, where every label has examples.
        taught: Right label among all, where every other label has examples: images of those labels.
        untaught: Right label in the same case: images of the labels without examples.
        kept: Not `unknown`, where every other label is known and has examples: images of those labels.
        rejected: `unknown` in the same case: images of the other labels.
    """

    all_taught: float
    taught: float
    untaught: float
    kept: float
    rejected: float


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and the figures without examples, with one, two ..."""
    services = build_services(Settings())
    material = _material(services, part)
    known = KnownVectors(material.keys.tolist(), material.image_vectors.vectors)
    texts = VocabularyEncoder(ByteBudgetCache(MEMORY), examples=known)
    rows = [Row("by chance", 1 / len(material.labels))]
    for shots in tqdm([0, *(count for count in SHOTS if count <= material.most_shots)], unit="shots"):
        rows += _rows(shots, _figures(services.models.labeller.get(), texts, material, shots))
    evaluated = int(material.evaluated.sum())
    title = (
        f"examples, {evaluated} images evaluated, {EVALUATED} of each of {len(material.labels)} labels, "
        f"{SEEDS} draws of examples from the other {len(material.target) - evaluated}"
    )
    return title, rows


def _rows(shots: int, figures: Figures) -> Iterator[Row]:
    given = "no example" if not shots else f"{shots} example{'s' * (shots > 1)} each"
    yield Row(f"{given}: top-1", figures.all_taught)
    yield Row(f"{given} of every other label: top-1 of those labels", figures.taught)
    yield Row(f"{given} of every other label: top-1 of the labels without", figures.untaught)
    yield Row(f"{given}, every other label known: a label for images of those", figures.kept)
    yield Row(f"{given}, every other label known: `unknown` for the other images", figures.rejected)


def _material(services: Services, part: Part) -> Material:
    encoder = services.models.labeller.get()
    of_images = [str(part.pack.index[key]["label"]) for key in part.keys]
    labels = tuple(sorted(set(of_images)))
    target = np.array([labels.index(label) for label in of_images])
    vectors = [encoder.encode_images([part.pack.image(key)]) for key in tqdm(part.keys, unit="image")]
    evaluated = np.zeros(len(target), bool)
    order = np.random.default_rng(0).permutation(len(target))
    for label in range(len(labels)):
        evaluated[order[target[order] == label][:EVALUATED]] = True
    image_vectors = ImageVectors.of(np.concatenate(vectors), encoder)
    return Material(np.array(part.keys), labels, target, image_vectors, evaluated)


def _figures(encoder: DualEncoder, texts: VocabularyEncoder, material: Material, shots: int) -> Figures:
    every, half = range(len(material.labels)), range(0, len(material.labels), 2)
    target = material.target[material.evaluated]
    odd, found = target % 2 == 1, []
    for seed in range(SEEDS if shots else 1):
        all_taught = _vocabulary(material, every, every, shots, seed)
        half_taught = _vocabulary(material, every, half, shots, seed)
        half_known = _vocabulary(material, half, half, shots, seed)
        right = _predictions(encoder, texts, material, all_taught)[0] == target
        mixed = _predictions(encoder, texts, material, half_taught)[0] == target
        sure = _predictions(encoder, texts, material, half_known)[1]
        parts = right, mixed[~odd], mixed[odd], sure[~odd], ~sure[odd]
        found.append([float(part.mean()) for part in parts])
    return Figures(*np.mean(found, axis=0).tolist())


def _vocabulary(
    material: Material, known: Sequence[int], taught: Sequence[int], shots: int, seed: int
) -> Vocabulary:
    """Return the vocabulary of the known labels, with examples of those that are taught."""
    labels = []
    for label in known:
        examples = material.examples(label, shots, seed) if label in taught else ()
        labels.append(Label(material.labels[label], examples=examples))
    return Vocabulary("evaluated", tuple(labels))


def _predictions(
    encoder: DualEncoder, texts: VocabularyEncoder, material: Material, vocabulary: Vocabulary
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the best label of every evaluated image [E], and bool [E], true if it beats the reject class."""
    vectors, rejects = material.image_vectors.vectors, material.image_vectors.reject_similarities
    image_vectors = ImageVectors(vectors[material.evaluated], rejects[material.evaluated])
    probabilities = label_probabilities(image_vectors, encoder, texts, vocabulary)
    known = np.array([material.labels.index(name) for name in vocabulary.names])
    best = known[probabilities[:, :-1].argmax(1)]
    return best, probabilities[:, :-1].max(1) > probabilities[:, -1]
