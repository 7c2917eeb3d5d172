"""Says in a sentence what a photograph shows."""
