"""Inference runtimes, and the preprocessing that several models share."""
