"""Who may call which route, in which state of what it is about: the table behind `test_rights.py`.

A new route needs a row here. `may` is who gets an answer; everybody else is refused and nothing
changes. Names in braces are those of `rights_world.World.names`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kbserver.domain.permissions import Role
from tests.kbserver.web.rights_world import ACTORS, NOBODY, PASSWORD

Actors = frozenset[str]

NONE: Actors = frozenset()
ALL: Actors = frozenset(ACTORS)
SIGNED_IN = ALL - {NOBODY}


def least(role: Role) -> Actors:
    """Everybody of that role and those above it."""
    return frozenset(one.value for one in Role if one.rank >= role.rank)


AGENTS, ENGINEERS = least(Role.AGENT), least(Role.ENGINEER)
REVIEWERS, ADMIN = least(Role.REVIEWER), least(Role.ADMIN)


@dataclass(frozen=True)
class Row:
    """One route in one state; `form` is what makes sense to send, `takes` further fields that mean something there."""

    route: str
    may: Actors
    path: str = ""
    state: str = ""
    form: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    takes: frozenset[str] = frozenset()

    @property
    def is_unsafe(self) -> bool:
        """Whether the route changes something."""
        return not self.route.startswith("GET ")

    @property
    def is_api(self) -> bool:
        """Whether the route is for programs."""
        return " /api/v1/" in self.route

    def address(self, names: Mapping[str, object]) -> str:
        """Where to send the request."""
        return (self.path or self.route.partition(" ")[2]).format_map(names)

    def __str__(self) -> str:
        return f"{self.route} ({self.state})" if self.state else self.route


FAR = {"X-Forwarded-For": "203.0.113.9"}
DRAFT, REVIEW = "/drafts/<int:draft_id>", "/drafts/<int:draft_id>/review"
ARTICLE, API_ARTICLE = "/articles/<string:article_id>", "/api/v1/articles/<string:article_id>"
FEEDBACK = {"event": "helpful"}
NEW_PASSWORDS = {"new_password": "teapot-river-73", "new_password_again": "teapot-river-73"}
ROLE = {"role": "engineer", "audience": "internal"}
TEXT = {"draft_version": "1", "source": "---\nid: KB-0001\ntitle: 打印机 又脱机\naudience: public\n---\n\n1. 重启。\n"}

OPEN_PAGES = (
    Row("GET /", ALL),
    Row("GET /browse", ALL),
    Row("GET /search", ALL, "/search?q=打印机"),
    Row("GET /search/fragment", ALL, "/search/fragment?q=打印机"),
    Row("GET /preferences", ALL, "/preferences?theme=dark"),
    Row("GET /api/docs", ALL),
    Row("GET /feed.atom", ALL),
    Row("GET /export", ALL, "/export?id=KB-0001"),
    Row("GET /export", SIGNED_IN, "/export?id=KB-0003", state="internal"),
    Row("GET /export/print", ALL, "/export/print?id=KB-0001"),
    Row("GET /export/print", SIGNED_IN, "/export/print?id=KB-0003", state="internal"),
    Row("GET /status", SIGNED_IN),
    Row("GET /static/<path:filename>", ALL, "/static/app.css"),
)

OPERATIONS = (
    Row("GET /healthz", ALL),
    Row("GET /readyz", ALL),
    Row("GET /metrics", ALL, state="on this machine"),
    Row("GET /metrics", NONE, state="from elsewhere", headers=FAR),
    Row("GET /openapi.json", ALL),
    Row("GET /opensearch.xml", ALL),
)

ARTICLES = (
    Row(f"GET {ARTICLE}", ALL, "/articles/KB-0001", state="public"),
    Row(f"GET {ARTICLE}", SIGNED_IN, "/articles/KB-0003", state="internal"),
    Row(f"GET {ARTICLE}", NONE, "/articles/KB-9999", state="none"),
    Row(f"GET {ARTICLE}/steps", ALL, "/articles/KB-0001/steps"),
    Row(f"GET {ARTICLE}/steps", SIGNED_IN, "/articles/KB-0003/steps", state="internal"),
    Row(f"GET {ARTICLE}/print", ALL, "/articles/KB-0001/print"),
    Row(f"GET {ARTICLE}/print", SIGNED_IN, "/articles/KB-0003/print", state="internal"),
    Row(f"GET {ARTICLE}/files/<path:name>", NONE, "/articles/KB-0001/files/none.png", state="none"),
    Row(f"POST {ARTICLE}/feedback", ALL, "/articles/KB-0001/feedback", form=FEEDBACK),
    Row(f"POST {ARTICLE}/feedback", SIGNED_IN, "/articles/KB-0003/feedback", state="internal", form=FEEDBACK),
    Row(f"GET {ARTICLE}/flag", ALL, "/articles/KB-0001/flag"),
    Row(
        f"POST {ARTICLE}/flag",
        ALL,
        "/articles/KB-0001/flag",
        form={"event": "outdated", "comment": "the menu has moved"},
    ),
    Row(
        f"POST {ARTICLE}/flag",
        SIGNED_IN,
        "/articles/KB-0003/flag",
        state="internal",
        form={"event": "outdated", "comment": "the menu has moved"},
    ),
    Row(f"POST {ARTICLE}/verify", ENGINEERS, "/articles/KB-0003/verify", state="validated", form={"revision": "1"}),
    Row(f"POST {ARTICLE}/verify", REVIEWERS, "/articles/KB-0001/verify", state="never", form={"revision": "1"}),
)

SIGNING_IN = (
    Row("GET /sign-in", ALL),
    Row("POST /sign-in", ALL, form={"name": "agent", "password": PASSWORD}),
    Row("POST /sign-out", ALL),
    Row("GET /sign-in/link/<string:secret>", ALL, "/sign-in/link/{link}"),
    Row("POST /sign-in/link/<string:secret>", ALL, "/sign-in/link/{link}", form=NEW_PASSWORDS),
    Row("POST /sign-in/link/<string:secret>", NONE, "/sign-in/link/made-up", state="none", form=NEW_PASSWORDS),
    Row("GET /sign-in/oidc", NONE, state="no provider"),
    Row("GET /sign-in/oidc/callback", NONE, "/sign-in/oidc/callback?code=x&state=y", state="no provider"),
    Row("GET /account", SIGNED_IN),
    Row("GET /account/password", SIGNED_IN),
    Row("POST /account/password", SIGNED_IN, form={"current_password": PASSWORD, **NEW_PASSWORDS}),
    Row("POST /account/sessions", SIGNED_IN, form={"session": "others"}),
)

PEOPLE = (
    Row("GET /admin/people", ADMIN),
    Row("GET /admin/people/new", ADMIN),
    Row(
        "POST /admin/people", ADMIN, form={"name": "new.colleague", **ROLE}, takes=frozenset({"display_name", "email"})
    ),
    Row("GET /admin/people/<string:number>", ADMIN, "/admin/people/{agent}"),
    Row("POST /admin/people/<string:number>/role", ADMIN, "/admin/people/{agent}/role", form=ROLE),
    Row("POST /admin/people/<string:number>/role", NONE, "/admin/people/{admin}/role", state="oneself", form=ROLE),
    Row("POST /admin/people/<string:number>/disable", ADMIN, "/admin/people/{agent}/disable"),
    Row("POST /admin/people/<string:number>/disable", NONE, "/admin/people/{admin}/disable", state="oneself"),
    Row("POST /admin/people/<string:number>/enable", ADMIN, "/admin/people/{agent}/enable"),
    Row("POST /admin/people/<string:number>/link", ADMIN, "/admin/people/{agent}/link"),
    Row("GET /admin/tokens", ADMIN),
    Row("GET /admin/tokens/new", ADMIN),
    Row(
        "POST /admin/tokens",
        ADMIN,
        form={"name": "a program", "scopes": "search:read", "audience": "public", "owner": "nobody", "days": "30"},
    ),
    Row("POST /admin/tokens/<string:token_id>/revoke", ADMIN, "/admin/tokens/{token}/revoke"),
    Row("GET /admin/audit", REVIEWERS),
    Row("GET /admin/audit.csv", REVIEWERS),
)

WRITING = (
    Row("GET /articles/new", AGENTS),
    Row("POST /articles/new", AGENTS, form={"type": "howto", "lang": "zh"}),
    Row(f"GET {ARTICLE}/edit", AGENTS, "/articles/KB-0001/edit"),
    Row(f"POST {ARTICLE}/edit", AGENTS, "/articles/KB-0002/edit"),
    Row(f"GET {DRAFT}", AGENTS, "/drafts/{draft}", state="an agent's draft"),
    Row(f"GET {DRAFT}", ENGINEERS, "/drafts/{others}", state="an engineer's draft"),
    Row(f"GET {DRAFT}", NONE, "/drafts/999", state="none"),
    Row(f"POST {DRAFT}", AGENTS, "/drafts/{draft}", state="an agent's draft", form=TEXT),
    Row(f"POST {DRAFT}", ENGINEERS, "/drafts/{others}", state="an engineer's draft", form=TEXT),
    Row(
        f"POST {DRAFT}",
        REVIEWERS,
        "/drafts/{waiting}",
        state="in review",
        form={**TEXT, "draft_version": "{waiting_version}"},
    ),
    Row(f"POST {DRAFT}/preview", AGENTS, "/drafts/{draft}/preview", form=TEXT),
    Row(f"POST {DRAFT}/preview", ENGINEERS, "/drafts/{others}/preview", state="an engineer's draft", form=TEXT),
    Row(f"POST {DRAFT}/checks", AGENTS, "/drafts/{draft}/checks", form=TEXT),
    Row(f"POST {DRAFT}/checks", ENGINEERS, "/drafts/{others}/checks", state="an engineer's draft", form=TEXT),
    Row(
        f"POST {DRAFT}/merge",
        AGENTS,
        "/drafts/{draft}/merge",
        form={"draft_version": "1", "mine": TEXT["source"], "take": "mine"},
    ),
    Row(f"POST {DRAFT}/files", AGENTS, "/drafts/{draft}/files", form={"file": b"a log\n"}),
    Row(
        f"POST {DRAFT}/files",
        ENGINEERS,
        "/drafts/{others}/files",
        state="an engineer's draft",
        form={"file": b"a log\n"},
    ),
    Row(f"GET {DRAFT}/files/<string:name>", AGENTS, "/drafts/{draft}/files/{file}"),
    Row(f"POST {DRAFT}/files/<string:name>/remove", AGENTS, "/drafts/{draft}/files/{file}/remove"),
)

REVIEWING = (
    Row("GET /queue", AGENTS),
    Row(f"GET {REVIEW}", AGENTS, "/drafts/{waiting}/review", state="an agent's, in review"),
    Row(f"GET {REVIEW}", ENGINEERS, "/drafts/{of_reviewer}/review", state="a reviewer's, in review"),
    Row(
        f"POST {REVIEW}",
        AGENTS,
        "/drafts/{draft}/review",
        state="submit an agent's",
        form={"step": "submit", "version": "1", "reason": "a slip"},
    ),
    Row(
        f"POST {REVIEW}",
        ENGINEERS,
        "/drafts/{others}/review",
        state="submit an engineer's",
        form={"step": "submit", "version": "1", "reason": "a slip"},
    ),
    Row(
        f"POST {REVIEW}",
        AGENTS,
        "/drafts/{draft}/review",
        state="discard an agent's",
        form={"step": "discard", "version": "1"},
    ),
    Row(
        f"POST {REVIEW}",
        NONE,
        "/drafts/{draft}/review",
        state="publish unreviewed",
        form={"step": "publish", "version": "1"},
    ),
    Row(
        f"POST {REVIEW}",
        AGENTS,
        "/drafts/{waiting}/review",
        state="withdraw an agent's",
        form={"step": "withdraw", "version": "{waiting_version}"},
    ),
    Row(
        f"POST {REVIEW}",
        REVIEWERS,
        "/drafts/{waiting}/review",
        state="send back",
        form={"step": "send_back", "version": "{waiting_version}", "reason": "too short"},
    ),
    Row(
        f"POST {REVIEW}",
        REVIEWERS,
        "/drafts/{waiting}/review",
        state="approve",
        form={"step": "approve", "version": "{waiting_version}"},
        takes=frozenset({"validated", "publish_at"}),
    ),
    Row(
        f"POST {REVIEW}",
        ADMIN,
        "/drafts/{of_reviewer}/review",
        state="approve a reviewer's own",
        form={"step": "approve", "version": "{waiting_version}"},
        takes=frozenset({"validated", "publish_at"}),
    ),
    Row(
        f"POST {DRAFT}/comments", AGENTS, "/drafts/{waiting}/comments", form={"body": "no"}, takes=frozenset({"quote"})
    ),
    Row(
        f"POST {DRAFT}/comments/<int:comment_id>",
        AGENTS,
        "/drafts/{waiting}/comments/{comment}",
        form={"done": "1"},
    ),
    Row(
        f"POST {DRAFT}/comments/<int:comment_id>",
        NONE,
        "/drafts/{draft}/comments/{comment}",
        state="of another draft",
        form={"done": "1"},
    ),
    Row(f"POST {DRAFT}/claim", REVIEWERS, "/drafts/{waiting}/claim", form={"mine": "1"}),
    Row(
        f"POST {DRAFT}/take-over",
        AGENTS,
        "/drafts/{draft}/take-over",
        form={"version": "1", "base_revision": "1"},
    ),
    Row(f"GET {ARTICLE}/history", ALL, "/articles/KB-0001/history"),
    Row(f"GET {ARTICLE}/history", SIGNED_IN, "/articles/KB-0003/history", state="internal"),
    Row(
        f"POST {ARTICLE}/history",
        AGENTS,
        "/articles/KB-0005/history",
        form={"number": "1", "current": "2", "reason": "it was right"},
    ),
    Row(
        f"POST {ARTICLE}/steps",
        REVIEWERS,
        "/articles/KB-0001/steps",
        state="archive",
        form={"step": "archive", "reason": "sold no more", "current": "1"},
        takes=frozenset({"superseded_by"}),
    ),
    Row(
        f"POST {ARTICLE}/steps",
        REVIEWERS,
        "/articles/KB-0004/steps",
        state="restore",
        form={"step": "restore", "current": "1"},
        takes=frozenset({"reason"}),
    ),
)

TRUST = (
    Row("GET /tasks", AGENTS),
    Row("GET /tasks.csv", AGENTS),
    Row("POST /tasks/take", AGENTS, form={"id": "{task}"}),
    Row("POST /tasks/close", ENGINEERS, form={"id": "{task}", "resolution": "fixed"}, takes=frozenset({"note"})),
    Row("GET /notifications", SIGNED_IN),
    Row("POST /notifications/read", SIGNED_IN),
    Row("GET /subscriptions", SIGNED_IN),
    Row("POST /subscriptions", SIGNED_IN, form={"kind": "category", "value": "打印"}),
    Row("POST /subscriptions/settings", SIGNED_IN, form={"lang": "en"}, takes=frozenset({"mailed"})),
)

API = (
    Row("GET /api/v1/search", ALL, "/api/v1/search?q=打印机"),
    Row("GET /api/v1/typeahead", ALL, "/api/v1/typeahead?q=打印机"),
    Row("GET /api/v1/articles", ALL),
    Row(f"GET {API_ARTICLE}", ALL, "/api/v1/articles/KB-0001"),
    Row(f"GET {API_ARTICLE}", SIGNED_IN, "/api/v1/articles/KB-0003", state="internal"),
    Row(f"GET {API_ARTICLE}.md", ALL, "/api/v1/articles/KB-0001.md"),
    Row(f"GET {API_ARTICLE}.md", SIGNED_IN, "/api/v1/articles/KB-0003.md", state="internal"),
    Row(f"GET {API_ARTICLE}/revisions", ALL, "/api/v1/articles/KB-0001/revisions"),
    Row(f"GET {API_ARTICLE}/revisions", SIGNED_IN, "/api/v1/articles/KB-0003/revisions", state="internal"),
    Row("POST /api/v1/feedback", ALL, form={"article_id": "KB-0001", "event": "helpful"}),
    Row("POST /api/v1/articles", AGENTS, form={"markdown": "---\ntitle: 新文章\n---\n\n1. 试。\n"}),
    Row(
        f"PUT {API_ARTICLE}",
        AGENTS,
        "/api/v1/articles/KB-0005",
        form={"markdown": "---\nid: KB-0005\ntitle: 扫描仪\naudience: public\n---\n\n1. 试。\n"},
        headers={"If-Match": '"{etag}"'},
    ),
    Row(
        f"POST {API_ARTICLE}/<string:action>",
        AGENTS,
        "/api/v1/articles/KB-0001/submit",
        state="submit an agent's",
        form={"reason": "a slip"},
    ),
    Row(
        f"POST {API_ARTICLE}/<string:action>",
        REVIEWERS,
        "/api/v1/articles/KB-0002/approve",
        state="approve an agent's",
    ),
    Row(
        f"POST {API_ARTICLE}/<string:action>",
        REVIEWERS,
        "/api/v1/articles/KB-0001/archive",
        state="archive",
        form={"reason": "sold no more"},
    ),
)

ROWS = (
    *OPEN_PAGES,
    *OPERATIONS,
    *ARTICLES,
    *SIGNING_IN,
    *PEOPLE,
    *WRITING,
    *REVIEWING,
    *TRUST,
    *API,
)

EXTRA_FIELDS = {
    "role": "admin",
    "is_admin": "true",
    "isAdmin": "true",
    "is_disabled": "0",
    "must_change_password": "0",
    "password_hash": "x",
    "account_id": "6",
    "user_id": "6",
    "status": "published",
    "stage": "published",
    "state": "validated",
    "author": "admin",
    "author_id": "6",
    "reviewer_id": "6",
    "reviewed_by": "admin",
    "approved_by": "admin",
    "approver": "admin",
    "owner": "admin",
    "audience": "public",
    "scopes": "admin",
    "origin": "folder",
    "created_at": "2000-01-01T00:00:00Z",
    "expires_at": "2099-01-01T00:00:00Z",
    "opened_by": "admin",
    "assignee_id": "6",
    "__proto__": "x",
}
"""What somebody sends along who hopes that the site writes down whatever it gets."""
