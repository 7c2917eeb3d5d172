"""What the service talks about: value objects, ports and errors. No HTTP, no runtime library."""
