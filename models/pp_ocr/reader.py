"""PP-OCR behind the port `TextReader`."""

from domain.arrays import Floats, Rgb
from domain.models import ModelInfo
from domain.text import DetectedLines, RecognizedText
from models.pp_ocr.crops import line_pieces
from models.pp_ocr.detector import LineDetector, TilesListener
from models.pp_ocr.recognizer import LineRecognizer


class PpOcrReader:
    """Detects lines and reads them. It is stateless, so threads can share it.

    Args:
        info: Name and digest of the model.
        detector: Detects lines.
        recognizer: Reads lines.
    """

    def __init__(self, info: ModelInfo, detector: LineDetector, recognizer: LineRecognizer) -> None:
        self._info = info
        self._detector = detector
        self._recognizer = recognizer

    @property
    def info(self) -> ModelInfo:
        """Name and digest of the model."""
        return self._info

    @property
    def right_to_left(self) -> bool:
        """True if its script is written from right to left."""
        return self._recognizer.right_to_left

    def detect(self, rgb: Rgb, listener: TilesListener) -> DetectedLines:
        """Return the lines of an image, uint8 [H, W, 3]; `listener` receives the number of tiles."""
        return self._detector.detect(rgb, listener)

    def read(self, rgb: Rgb, quad: Floats) -> RecognizedText:
        """Read the line inside `quad`, float32 [4, 2], whose first corner is the top left of the text."""
        return self._recognizer.read(line_pieces(rgb, quad))
