"""The labeller kept in the repository: EfficientNet-Lite2 and MiniLM, aligned by trained heads."""
