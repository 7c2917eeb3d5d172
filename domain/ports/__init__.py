"""Ports: Protocols of what the services need from models, stores and compute."""
