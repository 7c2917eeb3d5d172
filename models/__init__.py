"""Adapters that run models behind the ports of `domain.ports.stores`. Services never import this package."""
