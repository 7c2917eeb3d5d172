"""Images: uploaded, checked, decoded and turned upright."""
