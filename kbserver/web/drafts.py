"""Writing: a new article, a change to one, saving as one goes, the preview, and two texts that met."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from indexer.articles import ArticleType
from kbserver.config import LANGUAGES
from kbserver.domain.article_form import FIELDS, ArticleForm, NotAForm, form_of, text_with
from kbserver.domain.articles import Stage
from kbserver.domain.drafts import Draft, may_edit_draft
from kbserver.domain.limits import MAX_TEXT_FORM_BYTES
from kbserver.domain.merging import Block, Choice, blocks_of, merged
from kbserver.domain.permissions import Right
from kbserver.domain.reader import Reader
from kbserver.domain.review import Step
from kbserver.errors import N_, InvalidInput, TooLarge, Wording
from kbserver.services.checklist import Checked
from kbserver.services.draft_pages import DraftPage
from kbserver.services.drafts import StaleDraft
from kbserver.services.publication import OutdatedText
from kbserver.web.body_limits import BodyLimits, takes_up_to
from kbserver.web.context import locale, reader, services
from kbserver.web.errors import message_of, wants_json
from kbserver.web.filters import clock_time
from kbserver.web.forms import whole_number

bp = Blueprint("drafts", __name__)

TEXT = BodyLimits(MAX_TEXT_FORM_BYTES, MAX_TEXT_FORM_BYTES)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the editor page shows of a draft: its fields, or its source where they cannot be shown."""

    draft: Draft
    text: str
    form: ArticleForm | None
    page: DraftPage | None
    problem: str = ""
    """Why there is no preview, or no form."""
    message: str = ""
    """What could not be done with it just now."""


@bp.get("/articles/new")
def choose() -> str:
    """The types of articles to choose from, and the drafts that are not finished."""
    who = reader()
    who.require(Right.WRITE)
    unfinished = [draft for draft in services().drafts.mine(who) if draft.stage is Stage.DRAFT]
    return render_template("drafts/new.html", types=list(ArticleType), languages=LANGUAGES, unfinished=unfinished[:8])


@bp.post("/articles/new")
def begin() -> BaseResponse:
    """A draft of a new article of that type, opened in the editor."""
    kind, lang = request.form.get("type", ""), request.form.get("lang", "") or locale()
    if kind not in list(ArticleType) or lang not in LANGUAGES:
        raise InvalidInput(N_("Please choose one of the article types."), field="type")
    return redirect(services().drafts.begin(reader(), ArticleType(kind), lang).url, 303)


@bp.get("/articles/<string:article_id>/edit")
def edit(article_id: str) -> BaseResponse | str:
    """The reader's own draft of the article; without one, the question whether to begin it."""
    who = reader()
    who.require(Right.WRITE)
    summary = services().articles.get(who, article_id).summary
    draft = services().drafts.own(who, article_id)
    return redirect(draft.url, 303) if draft else render_template("drafts/begin.html", summary=summary)


@bp.post("/articles/<string:article_id>/edit")
def edit_own(article_id: str) -> BaseResponse:
    """The reader's own draft of the article, begun if need be, opened in the editor."""
    return redirect(services().drafts.edit(reader(), article_id).url, 303)


@bp.get("/drafts/<int:draft_id>")
def show(draft_id: int) -> BaseResponse | str:
    """The editor on a draft; those who may not change it are led to its review page."""
    who = reader()
    draft = services().drafts.get(who, draft_id)
    if not may_edit_draft(who, draft):
        return redirect(f"{draft.url}/review", 303)
    return _editor(who, draft, draft.markdown, as_source=request.args.get("source") == "1")


@bp.post("/drafts/<int:draft_id>")
@takes_up_to(TEXT)
def save(draft_id: int) -> BaseResponse | tuple[str, int] | str:
    """Keep the text; go on writing, look at it, or send it to review, as the button says."""
    who = reader()
    draft = services().drafts.get(who, draft_id)
    text, action = _posted_text(draft), request.form.get("action", "save")
    if action == "preview":
        return _editor(who, draft, text)
    try:
        saved = services().drafts.save(
            who, draft_id, whole_number(request.form, "draft_version"), text, reason=request.form.get("reason")
        )
        return _after(who, saved, action)
    except StaleDraft as stale:
        if wants_json():
            raise
        return _conflict(stale.current, text), 409
    except OutdatedText:
        # Its review page says what came between, and how to go on.
        return redirect(f"{draft.url}/review", 303)
    except (InvalidInput, TooLarge) as error:
        if wants_json():
            raise
        return _editor(who, services().drafts.get(who, draft_id), text, message=message_of(error)), error.status


@bp.post("/drafts/<int:draft_id>/preview")
@takes_up_to(TEXT)
def preview(draft_id: int) -> str:
    """The article as its page would show the posted text."""
    who = reader()
    draft = services().drafts.get(who, draft_id)
    page, problem = _page(who, draft, _posted_text(draft))
    return render_template("drafts/_preview.html", page=page, problem=problem)


@bp.post("/drafts/<int:draft_id>/checks")
@takes_up_to(TEXT)
def checks(draft_id: int) -> str:
    """What the posted text lacks, and which articles say something alike."""
    who = reader()
    draft = services().drafts.get(who, draft_id)
    checked, problem = _checked(who, draft, _posted_text(draft))
    return render_template("drafts/_checks.html", checked=checked, problem=problem)


@bp.post("/drafts/<int:draft_id>/merge")
@takes_up_to(TEXT)
def merge(draft_id: int) -> BaseResponse | tuple[str, int]:
    """Save what was chosen of two texts that met; the one that was saved first must still be the newest."""
    who = reader()
    draft, mine = services().drafts.get(who, draft_id), _unix(request.form.get("mine", ""))
    chosen = request.form.get("take", "")
    blocks = blocks_of(mine, draft.markdown)
    choices = [Choice(chosen)] * len(blocks) if chosen in list(Choice) else _choices()
    if whole_number(request.form, "draft_version") != draft.version:
        return _conflict(draft, mine), 409
    try:
        services().drafts.save(who, draft_id, draft.version, merged(blocks, choices))
    except StaleDraft as stale:
        return _conflict(stale.current, mine), 409
    return redirect(f"{draft.url}?settled=1", 303)


def _after(who: Reader, saved: Draft, action: str) -> BaseResponse:
    if wants_json():
        return jsonify({"version": saved.version, "saved": clock_time(saved.updated_at)})
    if action == Step.SUBMIT:
        moved = services().review.submit(who, saved.id, saved.version)
        return redirect("/queue?" + urlencode({"tab": "mine", "done": "submitted", "id": moved.article_id}), 303)
    if action == Step.PUBLISH:
        moved = services().review.publish(who, saved.id, saved.version)
        return redirect(f"/articles/{moved.article_id}", 303)
    return redirect(saved.url, 303)


def _editor(who: Reader, draft: Draft, text: str, *, message: str = "", as_source: bool = False) -> str:
    page, problem = _page(who, draft, text)
    form = None
    try:
        form = None if as_source or "source" in request.form else form_of(text)
    except NotAForm as error:
        problem = error.problem.message(locale())
    articles = services().articles
    checked, _ = _checked(who, draft, text)
    return render_template(
        "drafts/edit.html",
        shown=Shown(draft, text, form, page, problem, message),
        checked=checked,
        problem=problem,
        files=services().attachments.of_draft(who, draft.id),
        steps=services().review.steps(who, draft),
        types=list(ArticleType),
        languages=dict.fromkeys((*LANGUAGES, form.fields["lang"] if form else "zh")),
        categories=articles.category_paths(who),
        known=articles.facet_values(who),
    )


def _page(who: Reader, draft: Draft, text: str) -> tuple[DraftPage | None, str]:
    """The preview, or the sentence that says why there is none."""
    try:
        return services().draft_pages.preview(who, draft, text, locale()), ""
    except (InvalidInput, TooLarge) as error:
        return None, message_of(error)


def _checked(who: Reader, draft: Draft, text: str) -> tuple[Checked | None, str]:
    """What the checks say, or the sentence that says why they cannot be made."""
    try:
        return services().checklist.check(who, draft, text), ""
    except InvalidInput as error:
        return None, message_of(error)


def _conflict(current: Draft, mine: str) -> str:
    blocks: tuple[Block, ...] = blocks_of(mine, current.markdown)
    return render_template("drafts/conflict.html", draft=current, mine=mine, blocks=blocks)


def _posted_text(draft: Draft) -> str:
    """The text that the form means: its source, or the draft's text with the fields and the body in it."""
    if "source" in request.form:
        return _unix(request.form["source"])
    fields = {name: _unix(request.form[name]) for name in FIELDS if name in request.form}
    try:
        before = form_of(draft.markdown)
        body = _unix(request.form.get("body", before.body))
        return text_with(draft.markdown, ArticleForm({**before.fields, **fields}, body))
    except NotAForm as error:
        why = Wording(error.problem.zh, error.problem.en)
        raise InvalidInput(N_("The front matter can only be changed in its source: %(why)s"), why=why) from error


def _choices() -> list[Choice]:
    """What was chosen at each difference, in order; both texts where nothing was."""
    count = sum(name.startswith("choice-") for name in request.form)
    said = [request.form.get(f"choice-{number}", "") for number in range(count)]
    return [Choice(choice) if choice in list(Choice) else Choice.BOTH for choice in said]


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
