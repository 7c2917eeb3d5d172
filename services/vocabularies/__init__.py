"""Vocabularies: the labels that regions can get."""
