"""Measures how good the answers are, one module for each topic."""
