"""Text of a photograph, in reading order."""
