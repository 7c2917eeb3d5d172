"""Reads text: PP-OCR networks, run on ONNX Runtime."""
