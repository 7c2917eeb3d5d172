"""Checks photographs against a policy."""
