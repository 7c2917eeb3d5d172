"""PP-OCR behind the TextReader port."""

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo
from domain.text import RecognizedText
from models.pp_ocr.crops import crop_line
from models.pp_ocr.detector import LineDetector
from models.pp_ocr.recognizer import LineRecognizer


class PpOcrReader:
    """Finds lines and reads them. Stateless between calls, so threads share it.

    Args:
        info: Name and hash.
        detector: Finds lines.
        recognizer: Reads them.
    """

    def __init__(self, info: ModelInfo, detector: LineDetector, recognizer: LineRecognizer) -> None:
        self._info = info
        self._detector = detector
        self._recognizer = recognizer

    @property
    def info(self) -> ModelInfo:
        """Name and hash."""
        return self._info

    @property
    def right_to_left(self) -> bool:
        """Whether rows and columns of its script run so."""
        return self._recognizer.right_to_left

    def detect(self, rgb: Rgb) -> Floats:
        """Lines float32 [N, 4, 2], corners clockwise from the one nearest the top left of the image."""
        return self._detector.detect(rgb)

    def read(self, rgb: Rgb, quad: Floats) -> RecognizedText:
        """The line inside `quad`, float32 [4, 2], whose first corner is the top left of the text."""
        return self._recognizer.read(crop_line(rgb, quad))
