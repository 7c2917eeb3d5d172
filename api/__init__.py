"""HTTP: routes, schemas, the mapping of errors, OpenAPI. The only place besides app.py that knows Flask."""
