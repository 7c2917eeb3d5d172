"""How the embedded models were made; never imported by the service."""
