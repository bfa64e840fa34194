"""Blueprints: read the request, call a service, give the answer. No SQL and no rules."""
