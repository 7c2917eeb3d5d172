"""Trains the embedded labeller."""
