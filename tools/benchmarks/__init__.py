"""Speed, memory and quality, each printing a table, such as `python -m tools.benchmarks.speed`."""
