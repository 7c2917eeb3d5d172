"""Check images against a policy of categories that are not allowed."""
