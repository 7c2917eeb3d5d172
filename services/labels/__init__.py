"""Label regions and images: encode views of them, compare the vectors with those of a vocabulary."""
