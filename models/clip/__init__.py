"""CLIP (Radford et al., 2021) as a labeller, over torch checkpoints or exported graphs."""
