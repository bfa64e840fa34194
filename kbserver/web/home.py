"""The home page, browsing by category and product, and the status page for staff."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from indexer.articles import Audience
from kbserver.domain.articles import ArticleFilter, ArticleOrder
from kbserver.domain.permissions import Right
from kbserver.domain.subscriptions import Subscription, SubscriptionKind
from kbserver.errors import N_, NotFound
from kbserver.web.context import reader, services
from kbserver.web.facets import Chosen, chosen_in
from kbserver.web.numbers import page_number
from kbserver.web.operations import api_reference

bp = Blueprint("home", __name__)

EXAMPLES = ("outlook收不到邮件 0x8004010F", "打印机脱机了", "VPN 错误 809")
"""Questions that the articles shipped with the product answer."""

PER_PAGE = 20


@bp.get("/")
def home() -> str:
    """The search box with what there is to browse."""
    who, articles = reader(), services().articles
    return render_template(
        "home/home.html",
        browse=articles.browse(who),
        recent=articles.recent(who, 6),
        popular=articles.popular(who, 6),
        examples=EXAMPLES,
    )


@bp.get("/browse")
def browse() -> str:
    """Articles of a category, a product or a tag, newest first."""
    who, articles = reader(), services().articles
    chosen = chosen_in(request.args)
    category = "".join(chosen.pop("category", ())[:1])
    page = articles.list(
        who, ArticleFilter(category=category, facets=chosen), ArticleOrder.UPDATED, page_number(), PER_PAGE
    )
    subject = _subject(category, chosen)
    heading = category or "、".join(value for values in chosen.values() for value in values)
    return render_template(
        "home/browse.html",
        browse=articles.browse(who),
        page=page,
        category=category,
        chosen=chosen,
        heading=heading,
        list_url=_list_url(category, chosen),
        subject=subject,
        is_subscribed=subject is not None and services().subscriptions.is_subscribed(who, subject.kind, subject.value),
    )


@bp.get("/status")
def status() -> str:
    """What the index holds, files that wait for a decision and files that were refused; for staff only."""
    who = reader()
    if who.audience is not Audience.INTERNAL:
        raise NotFound(N_("There is nothing at this address."))
    return render_template(
        "home/status.html",
        files=services().articles.quarantined(who),
        folder=services().folder.status(who),
        may_open_drafts=who.may(Right.EDIT_OTHERS),
        readiness=services().health.readiness(),
    )


@bp.get("/api/docs")
def api_docs() -> str:
    """The API's reference, made from the document at `/openapi.json`."""
    return render_template("home/api_docs.html", api=api_reference())


def _subject(category: str, chosen: Chosen) -> Subscription | None:
    """What the page is about, where it is about one category or one product and nothing else."""
    if category and not chosen:
        return Subscription(SubscriptionKind.CATEGORY, category)
    products = chosen.get("product", ())
    if not category and len(products) == 1 and len(chosen) == 1:
        return Subscription(SubscriptionKind.PRODUCT, products[0])
    return None


def _list_url(category: str, chosen: Chosen) -> str:
    pairs = [("category", category)] if category else []
    pairs += [(facet, value) for facet, values in chosen.items() for value in values]
    return "/browse" + ("?" + urlencode(pairs) if pairs else "")
