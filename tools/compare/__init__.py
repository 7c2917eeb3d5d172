"""Compares a trained convolutional network with an image-text model on one folder of classes."""
