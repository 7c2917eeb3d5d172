"""Finds all instances of a concept in an image: a phrase, or something that examples show."""
