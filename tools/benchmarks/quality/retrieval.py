"""How well photographs are found by their captions, and captions by their photographs."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bootstrap import Services, build_services
from config.settings import Settings
from domain.arrays import Floats
from domain.labels import MAX_LABELS, Label, Vocabulary
from services.classify.service import ClassifierInputs
from services.images.photo import Photo
from services.images.png import encode_png
from services.images.upload import new_file_id
from services.labels.confidence import LabelOptions
from services.progress import Progress
from services.search.index import IndexOptions
from services.search.search import SearchOptions
from tools.benchmarks.quality.part import Part
from tools.benchmarks.quality.rows import Row

PHOTOGRAPHS = 250
"""So many are searched, spread evenly over the pack."""

RANKS = (1, 5, 10)


def judge(part: Part) -> tuple[str, list[Row]]:
    """A title, and recall at 1, 5 and 10 of texts to images (the search index) and images to texts."""
    keys = part.keys[:: max(1, len(part.keys) // PHOTOGRAPHS)][:PHOTOGRAPHS]
    captions = [list(dict.fromkeys(part.pack.index[key]["captions"])) for key in keys]
    with tempfile.TemporaryDirectory() as data:
        services = build_services(Settings(data_dir=Path(data)))
        found = _found(services, part, keys, captions)
        named = _named(services, part, keys, captions)
    texts = sum(map(len, captions))
    title = f"retrieval, {len(keys)} photographs and {texts} captions"
    chance = [(_chance(count, len(keys), 1), _chance(count, texts, len(captions[0]))) for count in RANKS]
    return title, [
        *(
            Row(f"text -> image recall@{count} (chance {by_chance[0]:.3f})", float(np.mean(found < count)))
            for count, by_chance in zip(RANKS, chance, strict=True)
        ),
        *(
            Row(f"image -> text recall@{count} (chance {by_chance[1]:.3f})", float(np.mean(named < count)))
            for count, by_chance in zip(RANKS, chance, strict=True)
        ),
    ]


def _found(services: Services, part: Part, keys: Sequence[str], captions: Sequence[Sequence[str]]) -> Floats:
    """Places [T] of each caption's photograph among those that a search for it finds, 0 the best."""
    options = IndexOptions(None, LabelOptions(services.vocabularies.resolve(None, None)))
    file_ids = []
    for key in tqdm(keys, unit="photo"):
        file_ids.append(new_file_id())
        services.images.keep(encode_png(part.pack.image(key)), file_ids[-1])
        services.index.add(services.images.photo(file_ids[-1]), options, Progress())
    search, places = SearchOptions(limit=max(RANKS), group=False), []
    for file_id, texts in zip(tqdm(file_ids, unit="photo"), captions, strict=True):
        for text in texts:
            hits = [found.best.file_id for found in services.search.text(text, search, Progress())]
            places.append(hits.index(file_id) if file_id in hits else len(keys))
    return np.array(places, np.float32)


def _named(services: Services, part: Part, keys: Sequence[str], captions: Sequence[Sequence[str]]) -> Floats:
    """Places [P] of each photograph's first own caption among all captions, 0 the best."""
    texts = list(dict.fromkeys(text for own in captions for text in own))
    columns = {text: column for column, text in enumerate(texts)}
    parts = [
        Vocabulary.of("captions", [Label(text) for text in texts[start : start + MAX_LABELS]])
        for start in range(0, len(texts), MAX_LABELS)
    ]
    places = []
    for key, own in zip(tqdm(keys, unit="photo"), captions, strict=True):
        photo = Photo.of(part.pack.image(key), key)
        odds = np.concatenate([_odds(services, photo, vocabulary) for vocabulary in parts])
        places.append(int((odds > max(odds[columns[text]] for text in own)).sum()))
    return np.array(places, np.float32)


def _odds(services: Services, photo: Photo, vocabulary: Vocabulary) -> Floats:
    """Of each name against the reject class, [L]: they may be compared with those of another vocabulary."""
    row = services.classifier.predict(ClassifierInputs((photo,), vocabulary))[0]
    odds: Floats = row[:-1] / row[-1]
    return odds


def _chance(drawn: int, total: int, right: int) -> float:
    """Probability that one of `right` is among `drawn` of `total` at random."""
    wrong = [(total - right - step) / (total - step) for step in range(drawn)]
    return 1 - float(np.prod(wrong))
