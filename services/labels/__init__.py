"""Labels: regions and images go through the image encoder and are compared with a vocabulary."""
