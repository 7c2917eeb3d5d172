"""CLIP in torch: open_clip's networks, from files alone."""
