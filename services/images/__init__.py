"""Image files: upload, limits, decoding, orientation, and writing as PNG and data URL."""
