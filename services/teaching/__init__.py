"""Teach vocabularies: labels with prompts, aliases and few-shot examples."""
