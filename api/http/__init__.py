"""Flask: errors, hooks, bodies, metrics and OpenAPI shared by the routes."""
