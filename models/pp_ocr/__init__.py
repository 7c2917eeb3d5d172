"""PP-OCR behind the port `TextReader`, run with ONNX Runtime."""
