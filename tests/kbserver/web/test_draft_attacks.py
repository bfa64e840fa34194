"""No text runs anything in the preview of a draft, in its checks, or where two texts meet."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.container import Services
from tests.kbserver.articles import markdown
from tests.kbserver.rendering.test_attacks import (
    BATCH,
    EVAL_DATA,
    in_marks,
    live_content,
    own_attacks,
    vector_files,
    vector_strings,
)

OWN_MARKUP = re.compile(
    r'<svg class="icon[^>]*>.*?</svg>| id="(?:said|checks-title|similar-title)"| target="_blank"|<form .*?</form>',
    re.DOTALL,
)
"""What the pages themselves add, and no text can."""


@pytest.fixture
def engineer(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.ENGINEER)


@pytest.fixture
def draft_id(services: Services, people: dict[Role, Reader]) -> int:
    return services.drafts.create(people[Role.ENGINEER], markdown(title="打印机脱机")).id


def fields(attacks: list[str]) -> dict[str, str]:
    line = " ".join(" ".join(attacks).split())
    body = "\n\n".join(attacks) + "\n\n" + "".join(map(in_marks, attacks))
    return {
        "draft_version": "1",
        "title": line[:200],
        "issue": "\n".join(attacks)[:5_000],
        "category": line[:150],
        "product": line[:1_000],
        "version": line[-1_000:],
        "owner": line[-150:],
        "lang": line[:20],
        "body": _storable(body)[:200_000],
    }


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def assert_inert(engineer: FlaskClient, draft_id: int, attacks: list[str]) -> None:
    posted = {name: _storable(value) for name, value in fields(attacks).items()}
    for path in ("preview", "checks"):
        answer = engineer.post(f"/drafts/{draft_id}/{path}", data=posted)
        assert answer.status_code == 200
        assert live_content(OWN_MARKUP.sub("", answer.get_data(as_text=True))) == []


def tags_around_the_article(page: str) -> list[str]:
    """Tags that these pages have none of, outside the article, whose own HTML is looked at above."""
    main = page.partition("<main")[2].partition("</main>")[0]
    around = re.sub(r"<article>.*?</article>", "", main, flags=re.DOTALL)
    return re.findall(r"<(?:script|img|svg(?! class=\"icon)|iframe|object|embed|style|math|base|link)\b", around)


def test_no_own_attack_is_live_in_preview_or_checks(engineer: FlaskClient, draft_id: int) -> None:
    attacks = own_attacks()
    for start in range(0, len(attacks), BATCH):
        assert_inert(engineer, draft_id, attacks[start : start + BATCH])


@pytest.mark.skipif(not vector_files(), reason=f"no vectors under KB_EVAL_DATA={EVAL_DATA}")
@pytest.mark.parametrize("path", vector_files(), ids=lambda path: path.name)
def test_no_string_of_the_vectors_is_live_in_preview_or_checks(engineer: FlaskClient, draft_id: int, path) -> None:
    tried = sorted(set(vector_strings(path)))
    for start in range(0, len(tried), BATCH):
        assert_inert(engineer, draft_id, tried[start : start + BATCH])


def test_no_own_attack_is_live_where_two_texts_meet(engineer: FlaskClient, draft_id: int) -> None:
    posted = {name: _storable(value) for name, value in fields(own_attacks()).items()}

    answer = engineer.post(f"/drafts/{draft_id}", data={**posted, "draft_version": "0"})

    assert answer.status_code == 409
    assert tags_around_the_article(answer.get_data(as_text=True)) == []


def test_no_own_attack_is_live_on_the_editors_page(
    engineer: FlaskClient, draft_id: int, services: Services, people: dict[Role, Reader]
) -> None:
    posted = {name: _storable(value) for name, value in fields(own_attacks()).items()}
    assert engineer.post(f"/drafts/{draft_id}", data=posted).status_code == 303

    for address in (f"/drafts/{draft_id}", "/articles/new", f"/drafts/{draft_id}?source=1"):
        assert tags_around_the_article(engineer.get(address).get_data(as_text=True)) == []
