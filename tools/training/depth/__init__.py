"""Makes the embedded depth network: scenes rendered with exact depth, training, evaluation, export."""
