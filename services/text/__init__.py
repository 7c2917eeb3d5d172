"""The text of an image, in reading order."""
