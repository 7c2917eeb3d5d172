"""Domain of the service: value objects, ports and errors, without HTTP or a runtime library."""
