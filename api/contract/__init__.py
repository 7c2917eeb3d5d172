"""What requests and answers look like; OpenAPI is generated from the same classes that validate."""
