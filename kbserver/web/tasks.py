"""What readers say is wrong with articles, and the page of those who see to it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from kbserver.domain import wording
from kbserver.domain.articles import ArticleSummary
from kbserver.domain.limits import MAX_ID_CHARS
from kbserver.domain.searching import Feedback, FeedbackKind
from kbserver.domain.spreadsheets import csv_text
from kbserver.domain.tasks import CHOSEN_RESOLUTIONS, FLAGS, Resolution, Task, TaskFilter, TaskPage, may_close
from kbserver.errors import N_, InvalidInput
from kbserver.web import labels
from kbserver.web.context import reader, services
from kbserver.web.numbers import form_number, page_number, row_numbers

bp = Blueprint("tasks", __name__)

VIEWS = ("open", "mine", "unassigned", "closed")
CSV_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class TaskList:
    """What the page of tasks shows."""

    found: TaskPage
    view: str
    article: ArticleSummary | None
    """The article whose tasks alone are shown."""
    list_url: str
    may_take: bool
    closable: frozenset[int]
    """Tasks on the page that the reader may close."""
    resolutions: tuple[Resolution, ...] = CHOSEN_RESOLUTIONS


@bp.get("/articles/<string:article_id>/flag")
def flag_form(article_id: str) -> str:
    """A form to say what is wrong with an article, for those who come from a list of results."""
    view = services().articles.get(reader(), article_id)
    search_id = request.args.get("from", "")
    return render_template("tasks/flag.html", summary=view.summary, flags=FLAGS, search_id=search_id)


@bp.post("/articles/<string:article_id>/flag")
def flag(article_id: str) -> BaseResponse:
    """Make what the reader says somebody's task, and go back to the article."""
    kind, detail = request.form.get("event", ""), request.form.get("comment", "").strip()
    if kind not in FLAGS:
        raise InvalidInput(N_("Please choose what is wrong."), field="event")
    if not detail:
        raise InvalidInput(N_("Please say in a few words what is wrong, so that it can be found."), field="comment")
    said = Feedback(article_id, FeedbackKind(kind), request.form.get("search_id", ""), detail)
    services().feedback.record(reader(), said)
    if request.headers.get("X-Requested-With") == "fetch":
        return make_response(gettext(N_("Thank you. The owner of the article has been asked to look at it.")))
    return redirect(f"/articles/{article_id}?said={kind}#feedback", 303)


@bp.post("/articles/<string:article_id>/verify")
def verify(article_id: str) -> BaseResponse:
    """Note that the revision which the reader sees still holds."""
    services().verifying.verify(reader(), article_id, form_number("revision"))
    return redirect(f"/articles/{article_id}?said=verified", 303)


@bp.get("/tasks")
def show() -> str:
    """The tasks that wait, or those that are closed."""
    return render_template("tasks/list.html", page=_list(page_number()), done=request.args.get("done", ""))


@bp.get("/tasks.csv")
def table() -> Response:
    """The same tasks as a table for a spreadsheet."""
    who = reader()
    found = services().tasks.page(who, _filter(_view()), 1, CSV_ROWS)
    response = make_response(csv_text([_heading(), *map(_row, found.tasks)]))
    response.content_type = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=tasks.csv"
    return response


@bp.post("/tasks/take")
def take() -> BaseResponse:
    """Give the chosen tasks to the reader."""
    return _back(services().tasks.take(reader(), row_numbers("id")))


@bp.post("/tasks/close")
def close() -> BaseResponse:
    """Close the chosen tasks with what came of them."""
    written = request.form.get("resolution", "")
    if written not in CHOSEN_RESOLUTIONS:
        raise InvalidInput(N_("Please choose what came of it."), field="resolution")
    ids = row_numbers("id")
    return _back(services().tasks.close(reader(), ids, Resolution(written), request.form.get("note", "")))


def _list(page: int) -> TaskList:
    who, view, article_id = reader(), _view(), _article_id()
    found = services().tasks.page(who, _filter(view), page)
    about = services().articles.summaries(who, [article_id]) if article_id else ()
    return TaskList(
        found,
        view,
        about[0] if about else None,
        tasks_url(view, article_id),
        may_take=who.account_id is not None,
        closable=frozenset(task.id for task in found.tasks if task.is_open and may_close(who, task)),
    )


def tasks_url(view: str = "open", article_id: str = "", **more: object) -> str:
    """The address of a page of tasks."""
    pairs = {"view": "" if view == "open" else view, "article": article_id, **more}
    query = urlencode({name: value for name, value in pairs.items() if value})
    return "/tasks" + (f"?{query}" if query else "")


def _filter(view: str) -> TaskFilter:
    return TaskFilter(
        is_open=view != "closed",
        assignee_id=reader().account_id or -1 if view == "mine" else None,
        is_unassigned=view == "unassigned",
        article_id=_article_id(),
    )


def _view() -> str:
    view = request.values.get("view") or "open"
    if view not in VIEWS:
        raise InvalidInput(N_("There is no such list of tasks."), field="view")
    return view


def _article_id() -> str:
    return request.values.get("article", "")[:MAX_ID_CHARS]


def _back(count: int) -> BaseResponse:
    return redirect(tasks_url(_view(), _article_id(), done=count), 303)


def _heading() -> list[str]:
    names = ("No.", "What", "Article", "Title", "Detail", "By", "Opened", "Given to", "Result", "Note", "Closed")
    return [gettext(labels.TASK_COLUMN[name]) for name in names]


def _row(task: Task) -> list[object]:
    return [
        task.id,
        gettext(wording.TASK[task.kind]),
        task.article_id,
        task.title,
        task.detail,
        task.opened_by,
        task.opened_at.isoformat(timespec="seconds"),
        task.assignee,
        gettext(wording.RESOLUTION[task.resolution]) if task.resolution else "",
        task.note,
        task.closed_at.isoformat(timespec="seconds") if task.closed_at else "",
    ]
