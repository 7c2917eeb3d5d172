"""Find everything in an image that a phrase or an example is about."""
