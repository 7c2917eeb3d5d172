"""Convolutional networks that are fitted to folders of photographs."""
