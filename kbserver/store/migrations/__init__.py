"""Alembic revisions, applied by `kbserver.store.schema`."""
