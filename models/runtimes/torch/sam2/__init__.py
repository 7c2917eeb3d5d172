"""SAM 2.1 in torch: Meta's networks (wheel rf-sam-2), with a decoder rearranged for many prompts."""
