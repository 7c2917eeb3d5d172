"""Models behind the ports of `domain.ports.models`. Services never import this package."""
