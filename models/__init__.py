"""Adapters that run models behind the ports of `domain.ports`. Services never import this package."""
