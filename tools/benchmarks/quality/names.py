"""Measures how well annotated regions are labelled, and how often regions of nothing are `unknown`."""

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
"""Kinds of segments that are no object, no part of one and no known stuff."""

LARGE = 0.01
"""Share of the image that a large region covers at least."""

RECALL = 0.9
"""Share of the annotated regions that keep a label at the threshold at which rejections are measured."""

LEAST = 1e-6
"""Least probability whose logarithm is taken."""


@dataclass(frozen=True)
class Answer:
    """The prediction for one region.

    Attributes:
        truth: Its annotated class; empty where it shows nothing in particular.
        share: Share of the image that it covers.
        names: Annotated classes that the predicted labels mean, the likeliest first.
        margin: Logarithm of the probability of the best label over that of the reject class; above 0 the
            service gives the label.
    """

    truth: str
    share: float
    names: tuple[str, ...]
    margin: float


@dataclass(frozen=True)
class Question:
    """A vocabulary and its relation to the annotated classes.

    Attributes:
        vocabulary: The vocabulary.
        meanings: Annotated class that a label means, where it is another word.
    """

    vocabulary: Vocabulary
    meanings: Mapping[str, str]

    def answer(self, prediction: LabelPrediction, truth: str, share: float) -> Answer:
        """Return the answer for a region.

        Args:
            prediction: Confidences of all labels of the vocabulary.
            truth: Annotated class of the region.
            share: Share of the image that the region covers.
        """
        confidences = [score.confidence for score in prediction.alternatives]
        reject = max(1 - sum(confidences), LEAST)
        names = tuple(self.meanings.get(score.label, score.label) for score in prediction.alternatives)
        return Answer(truth, share, names, float(np.log(max(confidences[0], LEAST) / reject)))


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and accuracy and rejections with the classes of the pack and the default vocabulary."""
    services = build_services(Settings())
    classes = [*part.pack.classes.values()] or sorted(_annotated(part))
    default = services.vocabularies.get(Settings().default_vocabulary)
    questions = [Question(vocabulary_from_list(classes), {}), Question(default, CANONICAL)]
    own, shared = _answers(services, part, questions)
    labelled, nothing = _split(own)
    known, no_default = _split([answer for answer in shared if answer.truth in ("", *answer.names)])
    counts = f"{len(labelled)} annotated regions and {len(nothing)} of nothing"
    title = f"names, {counts}, none below {SMALLEST} pixels"
    large, large_known = _large(labelled), _large(known)
    return title, [
        Row(f"top-1 of the pack's {len(classes)} classes", _top(labelled, 1), 0.64),
        Row(f"top-5 of the pack's {len(classes)} classes", _top(labelled, 5), 0.87),
        Row(f"top-1 of the default vocabulary, {len(known)} regions that it knows", _top(known, 1), 0.70),
        Row(f"pack's classes, regions above {LARGE:.0%} of the image, top-1", _top(large, 1)),
        Row(f"pack's classes, regions above {LARGE:.0%} of the image, top-5", _top(large, 5)),
        Row(f"default vocabulary, regions above {LARGE:.0%} of the image, top-1", _top(large_known, 1)),
        Row(f"nothing rejected at {RECALL:.0%} recall, pack's classes", _rejected_at(labelled, nothing), 0.5),
        Row("the same, default vocabulary: its sky or wall may be right", _rejected_at(known, no_default)),
        Row("nothing rejected as served, pack's classes", 1 - _kept(nothing)),
        Row("recall as served, pack's classes", _kept(labelled)),
    ]


def _annotated(part: Part) -> set[str]:
    return {name for key in part.keys for name in part.pack.index[key]["regions"].values()}


def _answers(services: Services, part: Part, questions: Sequence[Question]) -> list[list[Answer]]:
    """Return the answers for every region, by question."""
    rng, encoder = np.random.default_rng(0), services.models.labeller.get()
    view, pool = resolve_view(None, encoder), ThreadWorkerPool(Settings().decode_workers)
    answers: list[list[Answer]] = [[] for _ in questions]
    for key in tqdm(part.keys, unit="image"):
        rgb, regions = part.pack.image(key), _regions(part, key, rng)
        found = [region for region, _ in regions]
        image_vectors = encode_region_views(rgb, found, encoder, view, pool, Progress())
        for question, answered in zip(questions, answers, strict=True):
            options = LabelOptions(question.vocabulary, top_k=len(question.vocabulary.names))
            predictions = label_regions(image_vectors, encoder, services.texts, options)
            answered += [
                question.answer(prediction, truth, region.area / rgb[..., 0].size)
                for prediction, (region, truth) in zip(predictions, regions, strict=True)
            ]
    return answers


def _regions(part: Part, key: str, rng: np.random.Generator) -> list[tuple[Region, str]]:
    """Return the annotated regions of an image with their classes, then regions of nothing with none."""
    annotated = [(region_of(mask), name) for mask, name in objects(part.pack, key, SMALLEST)]
    nothing = [example.region for example in segments(part.pack, key, rng) if example.kind in NOTHING]
    return annotated + [(region, "") for region in nothing]


def _split(answers: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Return the answers for annotated regions, and those for regions of nothing."""
    return [answer for answer in answers if answer.truth], [answer for answer in answers if not answer.truth]


def _large(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.share >= LARGE]


def _top(answers: Sequence[Answer], count: int) -> float:
    return float(np.mean([answer.truth in answer.names[:count] for answer in answers]))


def _kept(answers: Sequence[Answer]) -> float:
    return float(np.mean([answer.margin > 0 for answer in answers]))


def _rejected_at(labelled: Sequence[Answer], nothing: Sequence[Answer]) -> float:
    """Return the share of regions of nothing below the margin that RECALL of the annotated regions reach."""
    threshold = np.quantile([answer.margin for answer in labelled], 1 - RECALL)
    return float(np.mean([answer.margin < threshold for answer in nothing]))
