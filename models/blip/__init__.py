"""Models that write sentences about photographs."""
