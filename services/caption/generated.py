"""Sentences written by a model that was trained to write them."""

from domain.errors import InvalidRequest
from domain.ports.models import Captioner, ModelProvider
from services.caption.result import CaptionOptions, CaptionResult
from services.images.photo import Photo
from services.progress import Progress


class GeneratedCaptioner:
    """CaptionWriter over a generative model. Holds no request state: many threads share it.

    Args:
        captioner: The model.
    """

    def __init__(self, captioner: ModelProvider[Captioner]) -> None:
        self._captioner = captioner

    def check(self, options: CaptionOptions) -> None:
        """Refuse what only a composed sentence can follow.

        Raises:
            InvalidRequest: Names were sent, or whether to read text.
        """
        if options.vocabulary is not None or options.text is not None:
            raise InvalidRequest(
                "labels, vocabulary, text: expected none, for the captioner in use chooses its own words"
            )

    def caption(self, photo: Photo, options: CaptionOptions, progress: Progress) -> CaptionResult:
        """What the model writes.

        Raises:
            ModelUnavailable: It is not there.
        """
        captioner = self._captioner.get()
        rgb = photo.rgb(progress)
        with progress.stage("caption"):
            written = captioner.caption(rgb, options.candidates)
        return CaptionResult(tuple(written), "generated", {"captioner": captioner.info})
