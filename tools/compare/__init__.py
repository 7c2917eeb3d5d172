"""Compares a trained convolutional network with the image-text labeller on a data set (`cli.py compare`)."""
