"""Speed, memory and quality, each printing a table: `python -m benchmarks.speed`, `.load`, `.quality`."""
