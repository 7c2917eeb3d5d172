"""Classify whole images zero-shot, even when they are blurred, noisy, dark or blocky."""
