"""Fetches images from URLs that callers send, and only from addresses that the setting allows."""
