"""One blueprint a concern: parse, one service call, answer."""
