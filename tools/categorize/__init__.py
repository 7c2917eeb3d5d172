"""Sorts the images of a folder into one folder for each label (`cli.py categorize`)."""
