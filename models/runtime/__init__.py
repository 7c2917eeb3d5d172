"""The only place that knows inference runtimes."""
