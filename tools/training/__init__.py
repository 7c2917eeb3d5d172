"""Trainings of the embedded models; the service never imports them."""
