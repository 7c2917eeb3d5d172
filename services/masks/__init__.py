"""Mask proposal: prompts are decoded, filtered, deduplicated and refined."""
