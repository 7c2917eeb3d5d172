"""From prompts to masks: decode, filter, suppress duplicates (NMS), upsample, clean and measure."""
