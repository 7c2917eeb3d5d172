"""Requests and answers of the endpoints; OpenAPI is generated from the same classes that validate."""
