"""Sorts the photographs of a folder into one folder for each name."""
