"""Use cases of the service, one a folder or module, over the ports of domain. No HTTP, no runtime library."""
