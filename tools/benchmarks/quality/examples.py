"""Measures how well examples find the other objects of their class, in their own and in other photographs."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from adapters.threads import ThreadWorkerPool
from bootstrap import build_services
from config.settings import Settings
from domain.arrays import Mask
from domain.masks import Prompt, PromptList, Region
from services.concepts.examples import ExamplePrompt, ExampleRegion
from services.images.photo import Photo
from services.labels.service import LabelService
from services.masks.formats import decode_rle, encode_rle
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.progress import Progress
from services.search.space import EmbeddingSpace
from tools.benchmarks.quality.annotated import objects
from tools.benchmarks.quality.masks import iou
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

LEAST_PIXELS = 200
"""Least size of an object that is to be found."""

LEAST_SHARE = 0.005
"""Least share of the photograph of an example."""

EXAMPLES = 3
"""Largest number of examples of a class in one photograph; each of them is a query of its own."""

NAIVE_COSINE = 0.8
"""Least cosine with the example in the naive rule; the best one on the photographs for tuning."""

MATCH_IOU = 0.5
"""IoU above which an object is found."""

GRID = MaskOptions(PointGrid(), DEFAULT_MAX_MASKS)


@dataclass(frozen=True)
class Query:
    """One search by one example.

    Attributes:
        photo: The photograph that is searched.
        prompt: The example.
        objects: Objects to find, each bool [H, W], without the example itself.
        example: The object that is the example, bool [H, W]; None if another photograph shows it.
    """

    photo: Photo
    prompt: ExamplePrompt
    objects: Sequence[Mask]
    example: Mask | None


@dataclass(frozen=True)
class Outcome:
    """Outcome of one query.

    Attributes:
        found: Number of objects that an answer matches.
        answers: Number of answers.
        wanted: Number of objects to find.
        union: IoU of all answers together with all objects of the class, those of the example among both.
    """

    found: int
    answers: int
    wanted: int
    union: float


class Searcher:
    """Searches by the service, and by the naive rule."""

    def __init__(self) -> None:
        services = build_services(Settings())
        self._services = services
        pool = ThreadWorkerPool(Settings().decode_workers)
        labels = LabelService(services.models.labeller, services.texts, services.caches["results"], pool)
        self._space = EmbeddingSpace(services.models.labeller, labels, services.texts)

    def by_service(self, query: Query) -> list[Region]:
        """Return the regions that the service answers, best first, without the example."""
        progress = Progress()
        matches = self._services.concepts.find(query.photo, query.prompt, GRID, 0.0, progress)
        given = 0 if query.example is None else 1
        return [*matches.found.regions[given:]]

    def by_cosine(self, query: Query) -> list[Region]:
        """Return the regions above a fixed cosine, best first, without those that the example matches."""
        progress, finder = Progress(), self._services.finder
        shown = query.prompt.photo or query.photo
        prompts = PromptList(tuple(one.prompt for one in query.prompt.examples))
        example = finder.find(shown, MaskOptions(prompts, 1), progress)
        found = finder.find(query.photo, GRID, progress)
        if not found.regions:
            return []
        cosines = (
            self._space.regions(query.photo, found, progress)
            @ self._space.regions(shown, example, progress)[0]
        )
        ranked = [found.regions[index] for index in np.argsort(-cosines) if cosines[index] >= NAIVE_COSINE]
        same = None if query.example is None else decode_rle(example.regions[0].rle)
        return [region for region in ranked if same is None or iou(region, same) <= MATCH_IOU]


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and precision, recall and IoU of the search by example and of the naive rule."""
    searcher, outcomes = Searcher(), defaultdict[str, list[Outcome]](list)
    for key in tqdm(part.keys, unit="image"):
        for query in _queries(part, key, _box):
            outcomes["box"].append(_outcome(query, searcher.by_service(query)))
            outcomes[f"box, cosine above {NAIVE_COSINE:g}"].append(_outcome(query, searcher.by_cosine(query)))
        for query in _queries(part, key, _mask):
            outcomes["mask"].append(_outcome(query, searcher.by_service(query)))
    for query in tqdm([*_queries_across(part)], unit="query"):
        for name, search in (
            ("", searcher.by_service),
            (f", cosine above {NAIVE_COSINE:g}", searcher.by_cosine),
        ):
            outcomes[f"box in another photograph{name}"].append(_outcome(query, search(query)))
    queries = len(outcomes.get("box", ()))
    title = f"examples, {queries} boxes or masks in photographs with others of the class"
    return title, [row for name, some in outcomes.items() for row in _rows(name, some)]


def _queries(part: Part, key: str, example_of: Callable[[Mask], ExampleRegion]) -> Iterator[Query]:
    """Yield a query for each large object that has others of its class beside it."""
    photo = _photo(part, key)
    for masks in _by_class(part, key).values():
        large = [mask for mask in masks if mask.mean() >= LEAST_SHARE]
        for example in large[:EXAMPLES] if len(masks) > 1 else []:
            others = [mask for mask in masks if mask is not example]
            yield Query(photo, ExamplePrompt((example_of(example),)), others, example)


def _queries_across(part: Part) -> Iterator[Query]:
    """Yield queries for the objects of a class by the largest one of an earlier photograph."""
    largest: dict[str, tuple[str, Mask]] = {}
    for key in part.keys:
        for name, masks in _by_class(part, key).items():
            big = max(masks, key=lambda mask: int(mask.sum()))
            if name in largest:
                shown, example = largest[name]
                yield Query(
                    _photo(part, key), ExamplePrompt((_box(example),), _photo(part, shown)), masks, None
                )
            if big.mean() >= LEAST_SHARE:
                largest[name] = key, big


def _by_class(part: Part, key: str) -> Mapping[str, list[Mask]]:
    masks: dict[str, list[Mask]] = defaultdict(list)
    for mask, name in objects(part.pack, key, LEAST_PIXELS):
        masks[name].append(mask)
    return masks


def _photo(part: Part, key: str) -> Photo:
    return Photo.of(part.pack.image(key), key)


def _box(mask: Mask) -> ExampleRegion:
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    box = np.array([x, y, x + w, y + h], np.float64)
    return ExampleRegion(Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), box))


def _mask(mask: Mask) -> ExampleRegion:
    return ExampleRegion(Prompt(np.zeros((0, 2)), np.zeros(0, np.int64), None, encode_rle(mask)))


def _outcome(query: Query, answers: Sequence[Region]) -> Outcome:
    left, found = [*query.objects], 0
    for region in answers:
        best = max(left, key=lambda mask: iou(region, mask), default=None)
        if best is not None and iou(region, best) > MATCH_IOU:
            left = [mask for mask in left if mask is not best]
            found += 1
    own = [] if query.example is None else [query.example]
    answered = np.logical_or.reduce([decode_rle(region.rle) for region in answers] + own)
    wanted = np.logical_or.reduce([*query.objects, *own])
    union = float((answered & wanted).sum() / (answered | wanted).sum())
    return Outcome(found, len(answers), len(query.objects), union)


def _rows(name: str, outcomes: Sequence[Outcome]) -> list[Row]:
    found, answers, wanted = (
        sum(getattr(one, count) for one in outcomes) for count in ("found", "answers", "wanted")
    )
    return [
        Row(f"{name}: precision", found / max(answers, 1)),
        Row(f"{name}: recall", found / max(wanted, 1)),
        Row(f"{name}: IoU of the union", float(np.mean([one.union for one in outcomes]))),
    ]
