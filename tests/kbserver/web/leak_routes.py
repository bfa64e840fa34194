"""The table of the leak test: how each route is asked for secrets.

Every GET route and every operation of the API has a row here, or the test fails. Placeholders:

    {text}      something to look for: each secret's word, its beginning, its id, a sentence like it
    {word}      the same, but each secret's word alone; for filters
    {id} {draft} {file} {picture} ...
                what names a secret, see `Secret.names`: whoever may not see it must be
                answered as if there were no such thing

A route that shows nothing of articles, drafts or people has `nothing_of_ours` with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """How one route is asked: addresses, and for an operation that is not GET the method and the body."""

    addresses: tuple[str, ...] = ()
    method: str = "GET"
    body: Mapping[str, Any] | None = None
    nothing_of_ours: str = ""


def asked(*addresses: str) -> Row:
    """A row of addresses to get."""
    return Row(addresses)


def nothing(reason: str) -> Row:
    """A row for a route that holds no secrets."""
    return Row(nothing_of_ours=reason)


SEARCHES = ("?q={text}", "?q=打印机 {word}", "?q=打印机&category={word}&product={word}&tag={word}")

ROUTES: Mapping[str, Row] = {
    "static": nothing("files of the site itself"),
    "home.home": asked("/"),
    "home.browse": asked("/browse", "/browse?category={word}", "/browse?product={word}", "/browse?tag={word}"),
    "home.status": asked("/status"),
    "home.api_docs": asked("/api/docs"),
    "search.results": asked(*(f"/search{query}" for query in SEARCHES)),
    "search.fragment": asked("/search/fragment?q=打印机 {word}"),
    "articles.show": asked("/articles/KB-0001", "/articles/KB-5200", "/articles/KB-5300", "/articles/{id}"),
    "articles.file": asked("/articles/{id}/files/{file}", "/articles/KB-0001/files/{file}", "/articles/{picture}"),
    "articles.steps": asked("/articles/KB-5200/steps", "/articles/KB-5300/steps", "/articles/{id}/steps"),
    "api.search": asked(
        *(f"/api/v1/search{query}" for query in SEARCHES),
        "/api/v1/search?q=打印机 {word}&mode=keyword&debug=true",
        "/api/v1/search?q={text}&mode=vector",
        "/api/v1/search?q={word}&audience=internal",
    ),
    "api.typeahead": asked("/api/v1/typeahead?q={text}", "/api/v1/typeahead?q=打印机 {word}"),
    "api.list_articles": asked(
        "/api/v1/articles?limit=50",
        "/api/v1/articles?audience=internal",
        "/api/v1/articles?category={word}",
        "/api/v1/articles?product={word}",
        "/api/v1/articles?tag={word}",
    ),
    "api.get_article": asked("/api/v1/articles/KB-5200", "/api/v1/articles/KB-5300", "/api/v1/articles/{id}"),
    "api.get_article_markdown": asked("/api/v1/articles/KB-5200.md", "/api/v1/articles/{id}.md"),
    "api.list_revisions": asked("/api/v1/articles/KB-5300/revisions", "/api/v1/articles/{id}/revisions"),
    "api.give_feedback": Row(("/api/v1/feedback",), "POST", {"article_id": "{id}", "event": "opened"}),
    "api.create_article": nothing("makes a new article and shows no other one"),
    "api.replace_article": Row(("/api/v1/articles/{id}",), "PUT", {"markdown": "# 打印机"}),
    "api.take_step": Row(("/api/v1/articles/{id}/submit",), "POST", {"reason": "{id}"}),
    "exports.archive": asked("/export?category={word}", "/export?id=KB-5200&id=KB-0001&id={id}"),
    "exports.article": asked("/articles/KB-5200/print", "/articles/{id}/print"),
    "exports.collection": asked("/export/print?category={word}", "/export/print?id=KB-5200&id={id}"),
    "feed.feed": asked("/feed.atom", "/feed.atom?category={word}", "/feed.atom?product={word}"),
    "history.show": asked(
        "/articles/KB-5300/history", "/articles/KB-5300/history?from=1&to=2", "/articles/KB-5200/history",
        "/articles/{id}/history",
    ),
    "drafts.choose": asked("/articles/new"),
    "drafts.edit": asked("/articles/KB-5200/edit", "/articles/{id}/edit"),
    "drafts.show": asked("/drafts/{draft}", "/drafts/{draft}?source=1"),
    "attachments.show": asked("/drafts/{draft}/files/{attachment}"),
    "review.show": asked("/drafts/{draft}/review"),
    "queue.show": asked("/queue", "/queue?tab=mine", "/queue?tab=tasks", "/queue?tab=archived"),
    "audit.show": asked("/admin/audit", "/admin/audit?subject={id}"),
    "audit.export": asked("/admin/audit.csv"),
    "tasks.flag_form": asked("/articles/KB-0001/flag", "/articles/{id}/flag"),
    "tasks.show": asked("/tasks", "/tasks?view=closed", "/tasks?article={id}"),
    "tasks.table": asked("/tasks.csv"),
    "notifications.show": asked("/notifications"),
    "subscriptions.show": asked("/subscriptions"),
    "people.show_all": asked("/admin/people"),
    "people.new": asked("/admin/people/new"),
    "people.show": asked("/admin/people/1", "/admin/people/2"),
    "tokens.show_all": asked("/admin/tokens"),
    "tokens.new": asked("/admin/tokens/new"),
    "account.show": asked("/account"),
    "account.password_form": asked("/account/password"),
    "sign_in.form": asked("/sign-in", "/sign-in?next=/articles/{id}"),
    "oidc.start": nothing("leads to another system"),
    "oidc.callback": nothing("comes back from there"),
    "password_links.form": asked("/sign-in/link/{word}"),
    "preferences.choose": nothing("sets a cookie and leads back"),
    "operations.healthz": asked("/healthz"),
    "operations.readyz": asked("/readyz"),
    "operations.metrics": asked("/metrics"),
    "operations.openapi_json": asked("/openapi.json"),
    "operations.opensearch": asked("/opensearch.xml"),
}  # fmt: skip
