"""Choose whole objects and stuff among nested regions: read their labels again, choose, paint."""
