"""How well annotated regions are named, and whether regions of nothing in particular are called unknown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from adapters.threads import ThreadWorkerPool
from bootstrap import Services, build_services
from config.settings import Settings
from domain.labels import LabelPrediction, Vocabulary
from domain.masks import Region
from services.labels.confidence import LabelOptions, label_regions
from services.labels.encode import encode_region_views, resolve_view
from services.progress import Progress
from services.vocabularies.parse import vocabulary_from_list
from tools.benchmarks.quality.annotated import objects
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row
from tools.training.labeller.regions import SMALLEST, region_of, segments
from tools.training.labeller.vocabulary import CANONICAL

NOTHING = ("mixture", "background")
"""Bottom-up segments that are no object, no part of one and no named stuff."""

LARGE = 0.01
RECALL = 0.9
LEAST = 1e-6
"""Probabilities below this are not told apart."""


@dataclass(frozen=True)
class Answer:
    """What is said of one region.

    Attributes:
        truth: Its annotated name; empty where it is nothing in particular.
        share: Of the image that it takes.
        names: Annotated names that the answers mean, best first.
        margin: Logarithm of how much likelier the best name is than none; above 0 the service says it.
    """

    truth: str
    share: float
    names: tuple[str, ...]
    margin: float


@dataclass(frozen=True)
class Question:
    """Names to choose from, and what they mean in the annotations where that is another name."""

    vocabulary: Vocabulary
    meanings: Mapping[str, str]

    def answer(self, naming: LabelPrediction, truth: str, share: float) -> Answer:
        """What `naming`, of all names, says of a region annotated so that takes this share of the image."""
        shares = [score.confidence for score in naming.alternatives]
        none = max(1 - sum(shares), LEAST)
        names = tuple(self.meanings.get(score.label, score.label) for score in naming.alternatives)
        return Answer(truth, share, names, float(np.log(max(shares[0], LEAST) / none)))


def judge(part: Part) -> tuple[str, list[Row]]:
    """A title, and how all names of the pack and those of the default vocabulary are told apart."""
    services = build_services(Settings())
    names = [*part.pack.classes.values()] or sorted(_annotated(part))
    usual = services.vocabularies.get(Settings().default_vocabulary)
    own, default = _answers(
        services, part, [Question(vocabulary_from_list(names), {}), Question(usual, CANONICAL)]
    )
    named, nothing = _split(own)
    shared, no_default = _split([answer for answer in default if answer.truth in ("", *answer.names)])
    title = (
        f"names, {len(named)} annotated regions and {len(nothing)} of nothing, none below {SMALLEST} pixels"
    )
    return title, [
        Row(f"top-1 of the pack's {len(names)} names", _top(named, 1), 0.64),
        Row(f"top-5 of the pack's {len(names)} names", _top(named, 5), 0.87),
        Row(
            f"top-1 of the default vocabulary, {len(shared)} regions it has names for", _top(shared, 1), 0.70
        ),
        Row(f"pack's names, regions above {LARGE:.0%} of the image, top-1", _top(_large(named), 1)),
        Row(f"pack's names, regions above {LARGE:.0%} of the image, top-5", _top(_large(named), 5)),
        Row(f"default vocabulary, regions above {LARGE:.0%} of the image, top-1", _top(_large(shared), 1)),
        Row(f"nothing rejected at {RECALL:.0%} recall, pack's names", _rejected_at(named, nothing), 0.50),
        Row("the same, default vocabulary: its sky or wall may be right", _rejected_at(shared, no_default)),
        Row("nothing rejected as served, pack's names", 1 - _kept(nothing)),
        Row("recall as served, pack's names", _kept(named)),
    ]


def _annotated(part: Part) -> set[str]:
    return {name for key in part.keys for name in part.pack.index[key]["regions"].values()}


def _answers(services: Services, part: Part, questions: Sequence[Question]) -> list[list[Answer]]:
    """What the service says of every region, by question."""
    rng, encoder = np.random.default_rng(0), services.models.labeller.get()
    view, pool = resolve_view(None, encoder), ThreadWorkerPool(Settings().decode_workers)
    answers: list[list[Answer]] = [[] for _ in questions]
    for key in tqdm(part.keys, unit="photo"):
        rgb, regions = part.pack.image(key), _regions(part, key, rng)
        image_vectors = encode_region_views(
            rgb, [region for region, _ in regions], encoder, view, pool, Progress()
        )
        for question, found in zip(questions, answers, strict=True):
            options = LabelOptions(question.vocabulary, top_k=len(question.vocabulary.names))
            said = label_regions(image_vectors, encoder, services.texts, options)
            found += [
                question.answer(naming, truth, region.area / rgb[..., 0].size)
                for naming, (region, truth) in zip(said, regions, strict=True)
            ]
    return answers


def _regions(part: Part, key: str, rng: np.random.Generator) -> list[tuple[Region, str]]:
    """Regions of a photograph and their names; without one those of nothing in particular."""
    true = [(region_of(mask), name) for mask, name in objects(part.pack, key, SMALLEST)]
    cut = [example.region for example in segments(part.pack, key, rng) if example.kind in NOTHING]
    return true + [(region, "") for region in cut]


def _split(answers: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Those of annotated regions, and those of nothing."""
    return [a for a in answers if a.truth], [a for a in answers if not a.truth]


def _large(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.share >= LARGE]


def _top(answers: Sequence[Answer], count: int) -> float:
    return float(np.mean([answer.truth in answer.names[:count] for answer in answers]))


def _kept(answers: Sequence[Answer]) -> float:
    return float(np.mean([answer.margin > 0 for answer in answers]))


def _rejected_at(named: Sequence[Answer], nothing: Sequence[Answer]) -> float:
    """Share of nothing below the margin that RECALL of the annotated regions reach."""
    bar = np.quantile([answer.margin for answer in named], 1 - RECALL)
    return float(np.mean([answer.margin < bar for answer in nothing]))
