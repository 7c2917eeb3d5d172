"""Composes a sentence from the analysed scene and chooses it by the encoder's own image-text similarity."""

from collections.abc import Sequence

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
from services.caption.scene import labelled_objects, text_phrase
from services.caption.sentences import SentenceCandidate, sentence_candidates
from services.images.photo import Photo
from services.labels.confidence import LabelOptions
from services.labels.service import LabelService
from services.masks.options import DEFAULT_MAX_MASKS, MaskOptions, PointGrid
from services.progress import Progress
from services.segment import SegmentOptions
from services.text.service import TextOptions

LOGITS_PER_WORD = 0.6
"""Logits that each word adds, up to WORDS: by similarity alone short sentences win (docs/caption.md)."""

MAX_SCORED_WORDS = 12

NO_LABEL_SENTENCE = "a photograph of something that none of the known names fits"


class ComposedCaptioner:
    """CaptionWriter without a model of its own. Holds no request state: many threads share it.

    Args:
        scenes: Finds out what is in a photograph.
        labelling: Looks at it as a whole.
        encoder: Reads sentences.
        sentences: Keeps what it read.
        vocabulary: The names for callers who bring none.
    """

    def __init__(
        self,
        scenes: AnalyzeService,
        labelling: LabelService,
        encoder: ModelProvider[DualEncoder],
        sentences: Cache,
        vocabulary: Vocabulary,
    ) -> None:
        self._scenes = scenes
        self._labelling = labelling
        self._encoder = encoder
        self._sentences = sentences
        self._vocabulary = vocabulary

    def check(self, options: CaptionOptions) -> None:
        """Nothing is refused."""

    def caption(self, photo: Photo, options: CaptionOptions, progress: Progress) -> CaptionResult:
        """The sentence that the encoder finds fits best of those that say only what was surely seen.

        Raises:
            ModelUnavailable: There is no labeller, or no segmenter.
        """
        self._encoder.get()  # A scene does without names; a sentence cannot.
        scene = self._scenes.analyze(photo, self._scene_options(options), progress)
        with progress.stage("caption"):
            sentences = sentence_candidates(labelled_objects(scene), scene.segment.width)
            ranked = self._ranked(photo, sentences, progress) if sentences else [_no_label_caption(scene)]
            read = text_phrase(scene)
        captions = tuple(
            Caption(to_sentence(one.text + read), one.confidence, one.score)
            for one in ranked[: options.candidates]
        )
        return CaptionResult(captions, "composed", _models(scene), scene.errors)

    def _scene_options(self, options: CaptionOptions) -> AnalyzeOptions:
        """As /analyze has it by default, so that each finds in the caches what the other left there."""
        naming = LabelOptions(options.vocabulary or self._vocabulary)
        segment = SegmentOptions(MaskOptions(PointGrid(), DEFAULT_MAX_MASKS), naming, overlay=False)
        text = None if options.text is False else TextOptions()
        return AnalyzeOptions(segment, text=text, colors=False)

    def _ranked(
        self, photo: Photo, sentences: Sequence[SentenceCandidate], progress: Progress
    ) -> list[Caption]:
        """All sentences, the best first."""
        vector = self._labelling.comparable_vectors(self._labelling.image_vectors(photo, progress).vectors)[0]
        encoder = self._encoder.get()
        cosines = self._read(encoder, tuple(one.scored for one in sentences), progress) @ vector
        words = np.array([min(MAX_SCORED_WORDS, len(one.scored.split())) for one in sentences])
        scores = encoder.logit_scale * cosines + LOGITS_PER_WORD * words
        return [
            Caption(sentences[index].text, sentences[index].confidence, float(scores[index]))
            for index in np.argsort(-scores, kind="stable")
        ]

    def _read(self, encoder: DualEncoder, texts: tuple[str, ...], progress: Progress) -> Floats:
        """Unit vectors [N, d] of sentences as they stand, without the templates that names get."""
        return self._sentences.get_or_compute(
            ("sentences", encoder.info.sha256, texts),
            lambda: self._labelling.comparable_vectors(encoder.encode_texts(texts)),
            progress.check,
        )


def _no_label_caption(scene: AnalyzeResult) -> Caption:
    """What is said where nothing is sure; as sure as it is that no name fits the whole photograph."""
    return Caption(NO_LABEL_SENTENCE, 0.0 if scene.image is None else scene.image.unknown, 0.0)


def _models(scene: AnalyzeResult) -> dict[str, ModelInfo]:
    found: dict[str, ModelInfo | None] = {
        "segmenter": scene.segment.found.segmenter,
        "labeller": scene.segment.labels.labeller,
        "depth": None if scene.depth is None else scene.depth.estimator,
        "text": None if scene.text is None else scene.text.reader,
    }
    return {job: info for job, info in found.items() if info is not None}
