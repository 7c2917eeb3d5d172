"""Compose sentences from the analysis of an image and rank them by the labeller's image-text similarity."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from domain.arrays import Floats
from domain.labels import Vocabulary
from domain.models import ModelInfo
from domain.ports.models import DualEncoder, ModelProvider
from domain.ports.stores import Cache
from domain.text import Caption
from services.analyze.service import AnalyzeOptions, AnalyzeResult, AnalyzeService
from services.caption.grammar import to_sentence
from services.caption.result import CaptionOptions, CaptionResult
from services.caption.scene import labelled_objects
from services.caption.sentences import SentenceCandidate, sentence_candidates, text_phrase
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.labels.service import LabelService
from services.labels.vectors import drop_naming_dims
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions
from services.text.service import TextOptions

LOGITS_PER_WORD = 0.6
"""Bonus for each word up to MAX_SCORED_WORDS: by similarity alone short sentences win (docs/caption.md)."""

MAX_SCORED_WORDS = 12

NO_LABEL_SENTENCE = "a photograph of something that none of the known names fits"


class ComposedCaptioner:
    """CaptionWriter without a model of its own. It is stateless and shared by threads.

    Args:
        analyze: Finds objects, depth and text in an image.
        labels: Encodes the whole image.
        labeller: The model that compares sentences with the image.
        sentence_vectors: Caches the vectors of sentences.
        vocabulary: The default vocabulary.
    """

    def __init__(
        self,
        *,
        analyze: AnalyzeService,
        labels: LabelService,
        labeller: ModelProvider[DualEncoder],
        sentence_vectors: Cache,
        vocabulary: Vocabulary,
    ) -> None:
        self._analyze = analyze
        self._labels = labels
        self._labeller = labeller
        self._sentence_vectors = sentence_vectors
        self._vocabulary = vocabulary

    def check(self, options: CaptionOptions) -> None:
        """Accept all options; only a generative model refuses some."""

    def caption(self, photo: Photo, options: CaptionOptions, progress: Progress) -> CaptionResult:
        """Return the best sentences among those that state only confident labels.

        Raises:
            ModelUnavailable: There is no labeller, or no segmenter.
        """
        self._labeller.get()  # An analysis succeeds without labels, a caption does not.
        scene = self._analyze.analyze(photo, self._analyze_options(options), progress)
        with progress.stage("caption"):
            sentences = sentence_candidates(labelled_objects(scene), scene.segment.width)
            ranked = self._rank(photo, sentences, progress) if sentences else [_no_label_caption(scene)]
            text = text_phrase(scene)
        captions = tuple(
            Caption(to_sentence(one.text + text), one.confidence, one.score)
            for one in ranked[: options.candidates]
        )
        return CaptionResult(captions, "composed", _models(scene), scene.errors)

    def _analyze_options(self, options: CaptionOptions) -> AnalyzeOptions:
        """Return the defaults of /analyze, so that both endpoints find each other's results in the caches."""
        labels = LabelOptions(_with_english_names(options.vocabulary or self._vocabulary))
        segment = SegmentOptions(MaskOptions(PointGrid(), DEFAULT_MAX_MASKS), labels, overlay=False)
        text = None if options.text is False else TextOptions()
        return AnalyzeOptions(segment, text=text, colors=False)

    def _rank(
        self, photo: Photo, sentences: Sequence[SentenceCandidate], progress: Progress
    ) -> list[Caption]:
        """Return all sentences, best first; the score is a logit plus the bonus for words."""
        image = self._labels.image_vectors(photo, progress).vectors
        encoder = self._labeller.get()
        vector = drop_naming_dims(image, encoder.naming_dims)[0]
        cosines = self._encode(encoder, tuple(one.scored for one in sentences), progress) @ vector
        words = np.array([min(MAX_SCORED_WORDS, len(one.scored.split())) for one in sentences])
        scores = encoder.logit_scale * cosines + LOGITS_PER_WORD * words
        return [
            Caption(sentences[index].text, sentences[index].confidence, float(scores[index]))
            for index in np.argsort(-scores, kind="stable")
        ]

    def _encode(self, encoder: DualEncoder, texts: tuple[str, ...], progress: Progress) -> Floats:
        """Return unit vectors [N, d] of sentences without the templates that labels are put into."""
        return self._sentence_vectors.get_or_compute(
            ("sentences", encoder.info.sha256, texts),
            lambda: drop_naming_dims(encoder.encode_texts(texts), encoder.naming_dims),
            progress.check,
        )


def _with_english_names(vocabulary: Vocabulary) -> Vocabulary:
    """Return the vocabulary with the English texts of translated labels as names, for English sentences."""
    taken = {*vocabulary.names}
    labels = (
        replace(label, name=label.read_as) if label.read_as and label.read_as not in taken else label
        for label in vocabulary.labels
    )
    return replace(vocabulary, labels=tuple(labels))


def _no_label_caption(scene: AnalyzeResult) -> Caption:
    """Return the caption without confident labels; its confidence is that of the reject class."""
    return Caption(NO_LABEL_SENTENCE, 0.0 if scene.image is None else scene.image.unknown, 0.0)


def _models(scene: AnalyzeResult) -> dict[str, ModelInfo]:
    """Return the models that contributed, by their role."""
    models: dict[str, ModelInfo | None] = {
        "segmenter": scene.segment.found.segmenter,
        "labeller": scene.segment.labels.labeller,
        "depth": None if scene.depth is None else scene.depth.estimator,
        "text": None if scene.text is None else scene.text.reader,
    }
    return {job: info for job, info in models.items() if info is not None}
