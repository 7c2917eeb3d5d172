"""How much examples help: whole photographs named after 0, 1, 2 ... examples of each name.

The embedded labeller was trained on all of the Caltech101 pack: there it shows what it gains for names that
it knows. docs/decisions/0014-teaching.md has the figures of heads that were fitted without it.
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

JUDGED = 5
"""Photographs of each name that are never an example; the split is the same for all seeds."""

SHOTS = (1, 2, 4, 8, 10, 16)
SEEDS = 3
MEMORY = 64 * 1024 * 1024


class Seen(ExampleVectors):
    """Vectors of photographs by their key: each is encoded once for all that is measured."""

    def __init__(self, keys: Sequence[str], vectors: Floats) -> None:
        self._rows = dict(zip(keys, vectors, strict=True))

    def of(self, digests: Sequence[str], encoder: DualEncoder) -> Floats:  # noqa: ARG002
        """Their vectors."""
        return np.stack([self._rows[key] for key in digests])


@dataclass(frozen=True)
class Material:
    """The photographs of a pack, encoded.

    Attributes:
        keys: Of the photographs.
        names: All names.
        owner: int64 [N], index of the name of each photograph.
        image_vectors: What the labeller saw.
        judged: bool [N], whether it is judged; the others may be examples.
    """

    keys: NDArray[np.str_]
    names: tuple[str, ...]
    owner: NDArray[np.int64]
    image_vectors: ImageVectors
    judged: NDArray[np.bool_]

    def examples(self, name: int, shots: int, seed: int) -> tuple[str, ...]:
        """Keys of some photographs of a name; those of fewer shots are among those of more."""
        pool = self.keys[(self.owner == name) & ~self.judged]
        order = np.random.default_rng([seed, name]).permutation(len(pool))
        return tuple(pool[order[:shots]].tolist())

    @property
    def most(self) -> int:
        """Of every name there are so many photographs to show."""
        return int(np.bincount(self.owner[~self.judged], minlength=len(self.names)).min())


@dataclass(frozen=True)
class Measured:
    """Shares of the judged photographs, means over the seeds.

    Attributes:
        all_taught: Rightly named, every name has examples.
        taught: Rightly named among all names, half of which have examples: those that have.
        untaught: Likewise those that have none.
        kept: With half of the names as vocabulary, all taught: not `unknown`, of photographs of those names.
        rejected: Likewise `unknown`, of photographs of the other half.
    """

    all_taught: float
    taught: float
    untaught: float
    kept: float
    rejected: float


def judge(part: Part) -> tuple[str, list[Row]]:
    """A title, and what is right after no example, one, two ..."""
    services = build_services(Settings())
    material = _material(services, part)
    texts = VocabularyEncoder(
        ByteBudgetCache(MEMORY), examples=Seen(material.keys.tolist(), material.image_vectors.vectors)
    )
    shots = [0, *(count for count in SHOTS if count <= material.most)]
    rows = [Row("by chance", 1 / len(material.names))]
    for count in tqdm(shots, unit="shots"):
        rows += _rows(count, _measured(services.models.labeller.get(), texts, material, count))
    judged = int(material.judged.sum())
    title = (
        f"examples, {judged} photographs judged, {JUDGED} of each of {len(material.names)} names, "
        f"{SEEDS} draws of examples from the other {len(material.owner) - judged}"
    )
    return title, rows


def _rows(shots: int, found: Measured) -> Iterator[Row]:
    shown = "no example" if not shots else f"{shots} example{'s' * (shots > 1)} each"
    yield Row(f"{shown}: top-1", found.all_taught)
    yield Row(f"{shown} of every other name: top-1 of those names", found.taught)
    yield Row(f"{shown} of every other name: top-1 of the names without", found.untaught)
    yield Row(f"{shown}, every other name: a name of what has one", found.kept)
    yield Row(f"{shown}, every other name: `unknown` of what has none", found.rejected)


def _material(services: Services, part: Part) -> Material:
    encoder = services.models.labeller.get()
    labels = [str(part.pack.index[key]["label"]) for key in part.keys]
    names = tuple(sorted(set(labels)))
    owner = np.array([names.index(label) for label in labels])
    vectors = [encoder.encode_images([part.pack.image(key)]) for key in tqdm(part.keys, unit="photo")]
    judged = np.zeros(len(owner), bool)
    order = np.random.default_rng(0).permutation(len(owner))
    for name in range(len(names)):
        judged[order[owner[order] == name][:JUDGED]] = True
    return Material(
        np.array(part.keys), names, owner, ImageVectors.of(np.concatenate(vectors), encoder), judged
    )


def _measured(encoder: DualEncoder, texts: VocabularyEncoder, material: Material, shots: int) -> Measured:
    every, half = range(len(material.names)), range(0, len(material.names), 2)
    found = []
    for seed in range(SEEDS if shots else 1):

        def asked(
            names: Sequence[int], taught: Sequence[int], seed: int = seed
        ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
            return _answers(encoder, texts, material, names, dict.fromkeys(taught, (shots, seed)))

        owner = material.owner[material.judged]
        odd = owner % 2 == 1
        all_right = asked(every, every)[0] == owner
        mixed = asked(every, half)[0] == owner
        sure = asked(half, half)[1]
        parts = all_right, mixed[~odd], mixed[odd], sure[~odd], ~sure[odd]
        found.append([float(part.mean()) for part in parts])
    return Measured(*np.mean(found, axis=0).tolist())


def _answers(
    encoder: DualEncoder,
    texts: VocabularyEncoder,
    material: Material,
    names: Sequence[int],
    taught: dict[int, tuple[int, int]],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The best name of every judged photograph [J], and whether it beats the reject class [J].

    Args:
        encoder: The labeller.
        texts: Knows the photographs.
        material: The photographs.
        names: The vocabulary.
        taught: How many examples of which names, and the seed that draws them.
    """
    labels = [
        Label(
            material.names[name],
            examples=material.examples(name, *taught[name]) if name in taught else (),
        )
        for name in names
    ]
    image_vectors = ImageVectors(
        material.image_vectors.vectors[material.judged],
        material.image_vectors.reject_similarities[material.judged],
    )
    rows = label_probabilities(image_vectors, encoder, texts, Vocabulary("judged", tuple(labels)))
    best = np.array(names)[rows[:, :-1].argmax(1)]
    return best, rows[:, :-1].max(1) > rows[:, -1]
