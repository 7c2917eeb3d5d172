"""Analyze an image in one pass: regions with labels, depth, text, colours and parents."""
