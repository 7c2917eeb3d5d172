"""Settings, model manifest and vocabularies: data, and what reads it."""
