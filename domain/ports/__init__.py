"""Ports: what the services need from models, stores and compute."""
