"""Trains convolutional networks on class folders; the only part of the comparison that needs torch."""
