"""`create_app`: the one place where the site is put together."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask_babel import Babel
from flask_openapi import Info, OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from indexer.articles import Audience
from kbserver.adapters.segmenter import WordSegmenter
from kbserver.config import Settings, secret_key
from kbserver.domain.reader import Reader
from kbserver.domain.review import ReviewPolicy
from kbserver.services.clock import SystemClock
from kbserver.services.container import Installation, Services, make_services
from kbserver.services.ports import Clock, SearchIndex
from kbserver.services.visible import visible_to
from kbserver.store.articles import facet_names
from kbserver.store.database import Database
from kbserver.store.schema import migrate
from kbserver.web import api_writing, authentication, body_limits, context, csrf, errors, oidc, operations, security
from kbserver.web.api_access import SCHEMES
from kbserver.web.api_schemas import ProblemModel
from kbserver.web.metrics import Metrics

NAMING_FACETS = ("product", "tag")
"""Facets whose values are words that the index keeps whole."""

API_VERSION = "1.0.0"
OPENAPI_VERSION = "3.1.0"
API_DESCRIPTION = "Search and read the articles of this knowledge base."


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    index: SearchIndex | None = None,
    clock: Clock | None = None,
) -> OpenAPI:
    """The site for these settings, with its database migrated; parts may be handed in.

    The worker is not part of it: `kb serve` starts one beside it.
    """
    if database is None:
        database = Database.at(settings.database_url, settings.data_dir)
        migrate(database)
    index = index or make_index(settings, database)
    return _assembled(settings, services_of(settings, database, index, clock or SystemClock()))


def services_of(settings: Settings, database: Database, index: SearchIndex, clock: Clock) -> Services:
    """The use cases over these parts, as the settings want them."""
    policy = ReviewPolicy(settings.review)
    here = Installation(
        key=secret_key(settings),
        articles_dir=settings.articles_dir,
        files_dir=settings.files_dir,
        policy=policy,
        lifetimes=settings.lifetimes,
        segmenter=WordSegmenter(),
    )
    return make_services(database, index, clock, here)


def make_index(settings: Settings, database: Database) -> SearchIndex:
    """The search backend that the settings name, knowing the products and tags of the articles."""
    if settings.search_backend == "none":
        from kbserver.adapters.null_index import NullSearchIndex

        return NullSearchIndex()
    from kbserver.adapters.search_index import EmbeddedSearchIndex

    with database.read() as session:
        names = facet_names(session, NAMING_FACETS)
        public_names = facet_names(session, NAMING_FACETS, visible_to(Reader(Audience.PUBLIC)))
    return EmbeddedSearchIndex(settings, names, public_names)


def _assembled(settings: Settings, services: Services) -> OpenAPI:
    app = OpenAPI(
        "kbserver",
        info=Info(title="Knowledge base", version=API_VERSION, description=API_DESCRIPTION),
        doc_ui=False,
        validation_error_status=400,
        validation_error_model=ProblemModel,
        validation_error_callback=errors.validation_response,
        security_schemes=SCHEMES,
    )
    app.openapi_version = OPENAPI_VERSION
    app.secret_key = secret_key(settings)
    app.json.ensure_ascii = False
    app.config["BABEL_DEFAULT_LOCALE"] = settings.lang
    context.attach(app, context.Site(settings, services, [authentication.program, authentication.person]))
    Babel(app, locale_selector=context.locale)
    Metrics(services.index).register(app)
    body_limits.register(app)
    security.register(app, settings)
    csrf.register(app)
    errors.register(app)
    oidc.register(app, settings)
    app.register_api(api_writing.bp)
    app.register_blueprint(operations.bp)
    if find_spec("kbserver.web.pages"):
        import_module("kbserver.web.pages").register(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app
