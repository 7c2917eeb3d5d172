"""The whole scene: regions, their names, depth, text, colours and how they lie in each other."""
