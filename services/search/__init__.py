"""Search: photographs and their regions by text, by picture, or by another region."""
