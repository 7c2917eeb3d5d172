"""Labeller of the repository: EfficientNet-Lite2 and MiniLM, aligned by trained heads."""
