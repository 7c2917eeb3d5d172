"""One use case a module, over the ports of domain. No HTTP, no runtime library."""
