"""Models that write sentences about images."""
