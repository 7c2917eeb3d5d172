"""Settings, the manifest of models, built-in vocabularies and policies."""
