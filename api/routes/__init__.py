"""One file for each URL: parse, one service call, answer."""
