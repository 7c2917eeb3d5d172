"""Measures how well images are found by their captions, and captions by their images."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bootstrap import Services, build_services
from config.settings import Settings
from domain.arrays import Floats
from domain.labels import MAX_LABELS, Label, Vocabulary
from services.images.photo import Photo
from services.images.png import encode_png
from services.images.upload import new_file_id
from services.labels.confidence import LabelOptions
from services.progress import Progress
from services.search.index import IndexOptions
from services.search.search import SearchOptions
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

IMAGES = 250
"""Largest number of images; they are spread evenly over the pack."""

RANKS = (1, 5, 10)
"""Numbers of results among which the right one must be."""


def evaluate(part: Part) -> tuple[str, list[Row]]:
    """Return a title, and recall at 1, 5 and 10 of texts to images (the search index) and images to texts."""
    keys = part.keys[:: max(1, len(part.keys) // IMAGES)][:IMAGES]
    captions = [list(dict.fromkeys(part.pack.index[key]["captions"])) for key in keys]
    with tempfile.TemporaryDirectory() as data:
        services = build_services(Settings(data_dir=Path(data)))
        images = _image_places(services, part, keys, captions)
        texts = _text_places(services, part, keys, captions)
    total = sum(map(len, captions))
    image_chances = [_chance(count, len(keys), 1) for count in RANKS]
    text_chances = [_chance(count, total, len(captions[0])) for count in RANKS]
    title = f"retrieval, {len(keys)} images and {total} captions"
    return title, [
        *_rows("text -> image", images, image_chances),
        *_rows("image -> text", texts, text_chances),
    ]


def _rows(direction: str, places: Floats, chances: Sequence[float]) -> Iterator[Row]:
    for count, chance in zip(RANKS, chances, strict=True):
        yield Row(f"{direction} recall@{count} (chance {chance:.3f})", float(np.mean(places < count)))


def _image_places(
    services: Services, part: Part, keys: Sequence[str], captions: Sequence[Sequence[str]]
) -> Floats:
    """Return the rank [T] of the image of each caption in a search for the caption, 0 for the best."""
    options = IndexOptions(None, LabelOptions(services.vocabularies.resolve(None, None)))
    file_ids = []
    for key in tqdm(keys, unit="image"):
        file_ids.append(new_file_id())
        services.images.keep(encode_png(part.pack.image(key)), file_ids[-1])
        services.index.add(services.images.photo(file_ids[-1]), options, Progress())
    search, places = SearchOptions(limit=max(RANKS), group=False), []
    for file_id, texts in zip(tqdm(file_ids, unit="image"), captions, strict=True):
        for text in texts:
            hits = [hit.best.file_id for hit in services.search.text(text, search, Progress())]
            places.append(hits.index(file_id) if file_id in hits else len(keys))
    return np.array(places, np.float32)


def _text_places(
    services: Services, part: Part, keys: Sequence[str], captions: Sequence[Sequence[str]]
) -> Floats:
    """Return the rank [P] of the best caption of each image among all captions, 0 for the best."""
    texts = list(dict.fromkeys(text for own in captions for text in own))
    columns = {text: column for column, text in enumerate(texts)}
    vocabularies = [
        Vocabulary("captions", tuple(map(Label, texts[start : start + MAX_LABELS])))
        for start in range(0, len(texts), MAX_LABELS)
    ]
    places = []
    for key, own in zip(tqdm(keys, unit="image"), captions, strict=True):
        photo = Photo.of(part.pack.image(key), key)
        odds = np.concatenate([_odds(services, photo, vocabulary) for vocabulary in vocabularies])
        places.append(int((odds > max(odds[columns[text]] for text in own)).sum()))
    return np.array(places, np.float32)


def _odds(services: Services, photo: Photo, vocabulary: Vocabulary) -> Floats:
    """Return the odds [L] of each label against the reject class; those of vocabularies are comparable."""
    probabilities = services.classifier.prediction(photo, vocabulary, False, Progress()).probabilities
    odds: Floats = probabilities[:-1] / probabilities[-1]
    return odds


def _chance(drawn: int, total: int, right: int) -> float:
    """Return the probability that one of `right` is among `drawn` of `total` at random."""
    wrong = [(total - right - step) / (total - step) for step in range(min(drawn, total))]
    return 1 - float(np.prod(wrong))
