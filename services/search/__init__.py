"""Search indexed images and their regions by text, by image or by region."""
