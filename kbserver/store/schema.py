"""The database's schema: which version it has, and bringing it to this release's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from kbserver.errors import N_, KBError
from kbserver.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
"""The newest revision in `migrations/versions`; a test compares the two. Known here so that
a start with nothing to migrate does not pay for loading Alembic."""


class NewerDatabase(KBError):
    """The data folder was written by a later release."""


def current_version(database: Database) -> str | None:
    """The schema version that the database has, None when it is empty."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(text("SELECT version_num FROM alembic_version"))


def migrate(database: Database, target: str = "head") -> bool:
    """Bring the database to `target`; gives whether anything was done.

    All steps share one transaction, so a crash leaves the former schema.
    """
    version = current_version(database)
    if target == "head" and version == HEAD:
        return False
    if version is not None and version not in known_versions():
        raise NewerDatabase(
            N_("The database has schema %(version)s, which this release does not know; use the newer release."),
            version=version,
        )
    _run(database, target)
    return True


def known_versions() -> list[str]:
    """All schema versions of this release, oldest first."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_config())
    return [revision.revision for revision in script.walk_revisions()][::-1]


def _run(database: Database, target: str) -> None:
    from alembic import command

    config = _config()
    with database.engine.execution_options(kb_write=True).begin() as connection:
        config.attributes["connection"] = connection
        if target == "base":
            command.downgrade(config, target)
        elif target == "head" or target not in _applied(database):
            command.upgrade(config, target)
        else:
            command.downgrade(config, target)


def _applied(database: Database) -> list[str]:
    version = current_version(database)
    versions = known_versions()
    return versions[: versions.index(version) + 1] if version else []


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
