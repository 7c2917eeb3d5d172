"""Offline programs; the service never imports them."""
