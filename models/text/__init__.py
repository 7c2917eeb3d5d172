"""Reads text: PP-OCR networks, run on ONNX Runtime."""

from models.text.detector import LineDetector
from models.text.reader import PpOcrReader
from models.text.recognizer import LineRecognizer

__all__ = ["LineDetector", "LineRecognizer", "PpOcrReader"]
