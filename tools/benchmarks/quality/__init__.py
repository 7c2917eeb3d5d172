"""How good the answers are, beside the goals that were set."""
