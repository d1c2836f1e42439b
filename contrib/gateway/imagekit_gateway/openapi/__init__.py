"""The API in OpenAPI 3.1, made from the table of routes."""
