"""Says in a sentence what a photograph shows."""

from services.caption.composed import ComposedCaptions
from services.caption.generated import GeneratedCaptions
from services.caption.result import CANDIDATES, CaptionOptions, CaptionResult, CaptionWriter

__all__ = [
    "CANDIDATES",
    "CaptionOptions",
    "CaptionResult",
    "CaptionWriter",
    "ComposedCaptions",
    "GeneratedCaptions",
]
