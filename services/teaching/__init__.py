"""Teaching: names with examples."""
