"""A mail about news: subject, plain text, and HTML without anything that a reader would have to trust."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from markupsafe import Markup, escape

from kbserver.domain.notifications import Notice
from kbserver.domain.wording import NOTICE, detail_of
from kbserver.errors import N_
from kbserver.services.ports import Mail
from kbserver.services.translating import gettext_in
from kbserver.store.recipients import Recipient

MAX_SUBJECT_CHARS = 120
MAX_DETAIL_CHARS = 500


def mail_of(person: Recipient, notices: Sequence[Notice], lang: str, base_url: str) -> Mail:
    """One mail for all of these news, oldest first."""
    gettext = gettext_in(lang)
    greeting = gettext(N_("Hello %(name)s,")) % {"name": one_line(person.display_name or person.name, 60)}
    reason = gettext(N_("You get this mail because you work with or subscribed to these articles."))
    settings = gettext(N_("Choose what is mailed to you:"))
    items = [_item(notice, gettext, base_url) for notice in notices]
    return Mail(
        to_name=one_line(person.display_name, 100),
        to_address=person.email,
        subject=_subject(notices, gettext),
        text=_text(greeting, items, reason, settings, f"{base_url}/subscriptions"),
        html=_html(greeting, items, reason, settings, f"{base_url}/subscriptions", lang),
        message_id=_message_id(person, notices, base_url),
        lang=lang,
    )


def _subject(notices: Sequence[Notice], gettext: Callable[[str], str]) -> str:
    site = gettext(N_("Knowledge base"))
    if len(notices) == 1:
        kind, title = gettext(NOTICE[notices[0].kind]), one_line(notices[0].title, MAX_SUBJECT_CHARS)
        return one_line(gettext(N_("[%(site)s] %(what)s: %(title)s")) % {"site": site, "what": kind, "title": title})
    return gettext(N_("[%(site)s] %(count)s news for you")) % {"site": site, "count": len(notices)}


def _item(notice: Notice, gettext: Callable[[str], str], base_url: str) -> tuple[str, str, str, str]:
    """Kind, title, detail and address of one piece of news."""
    detail = one_line(detail_of(notice, gettext), MAX_DETAIL_CHARS)
    return gettext(NOTICE[notice.kind]), one_line(notice.title), detail, f"{base_url}{notice.url}"


def _text(
    greeting: str, items: Sequence[tuple[str, str, str, str]], reason: str, settings: str, settings_url: str
) -> str:
    blocks = ["\n".join(filter(None, (f"* {kind}", f"  {title}", f"  {detail}".rstrip(), f"  {url}")))
              for kind, title, detail, url in items]  # fmt: skip
    return "\n\n".join([greeting, *blocks, f"-- \n{reason}\n{settings} {settings_url}"]) + "\n"


def _html(
    greeting: str, items: Sequence[tuple[str, str, str, str]], reason: str, settings: str, settings_url: str, lang: str
) -> str:
    listed = Markup("").join(
        Markup("<li><p><b>{}</b><br><a href='{}'>{}</a>{}</p></li>\n").format(
            kind, url, title, Markup("<br>{}").format(detail) if detail else ""
        )
        for kind, title, detail, url in items
    )
    page = Markup(
        "<!doctype html>\n<html lang='{}'><head><meta charset='utf-8'></head><body>\n<p>{}</p>\n<ul>\n{}</ul>\n"
        "<hr>\n<p><small>{}<br>{} <a href='{}'>{}</a></small></p>\n</body></html>\n"
    )
    return str(page.format(lang, greeting, listed, reason, settings, settings_url, escape(settings_url)))


def _message_id(person: Recipient, notices: Sequence[Notice], base_url: str) -> str:
    names = ",".join(str(notice.id) for notice in notices)
    host = base_url.split("://")[-1].split("/")[0].rsplit(":", 1)[0].strip("[]") or "localhost"
    digest = sha256(f"{person.id}:{names}".encode()).hexdigest()[:32]
    return f"<kb-{digest}@{host}>"


def one_line(text: str, most: int = 200) -> str:
    """The text as one line that is fit for a header, cut with `…`.

    >>> one_line("a\\r\\nBcc: b@c  d", 9)
    'a Bcc: b…'
    """
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"
