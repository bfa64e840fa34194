from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO

import pytest
from flask.testing import FlaskClient

from kbserver.config import load_settings
from kbserver.domain.permissions import Role
from kbserver.store import publishing
from kbserver.store.database import Database

AsRole = Callable[[Role], FlaskClient]
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "　=1", " =cmd|' /C calc'!A0")


def note(database: Database, clock, text: str) -> None:
    with database.write() as session:
        publishing.audit(session, text, "publish", text, {"reason": text}, clock.now())


def cells(response) -> list[str]:
    rows = list(csv.reader(StringIO(response.text.removeprefix("\ufeff"))))
    return [cell for row in rows[1:] for cell in row]


def test_what_was_done_is_shown_as_text(as_role: AsRole, database: Database, clock) -> None:
    note(database, clock, "<script>x</script>")

    page = as_role(Role.REVIEWER).get("/admin/audit").text

    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script>x" not in page


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_the_export_is_a_formula(as_role: AsRole, database: Database, clock, text: str) -> None:
    note(database, clock, text)

    for cell in cells(as_role(Role.ADMIN).get("/admin/audit.csv")):
        assert cell.lstrip(" \u3000")[:1] not in tuple("=+-@\t\r＝＋－＠") or cell.startswith("'")


def test_no_known_attack_becomes_a_formula(as_role: AsRole, database: Database, clock) -> None:
    path = load_settings().eval_data / "vectors" / "patt_csv.json"
    if not path.is_file():
        pytest.skip(f"no attack strings at {path}")
    payloads = [record["payload"] for record in json.loads(path.read_text(encoding="utf-8"))]
    texts = [line for payload in payloads for line in (payload, *payload.splitlines())]
    for text in texts:
        note(database, clock, text[:200])

    found = cells(as_role(Role.ADMIN).get("/admin/audit.csv"))

    assert len(found) == 5 * len(texts)
    assert not [cell for cell in found if cell.strip()[:1] in tuple("=+-@＝＋－＠") and not cell.startswith("'")]


def test_the_export_holds_what_the_filter_says(as_role: AsRole, database: Database, clock) -> None:
    note(database, clock, "KB-1")
    note(database, clock, "KB-2")

    response = as_role(Role.ADMIN).get("/admin/audit.csv?subject=KB-2")

    assert response.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    assert response.headers["Cache-Control"] == "no-store"
    assert [row for row in cells(response) if row.startswith("KB")] == ["KB-2", "KB-2"]


@pytest.mark.parametrize("address", ["/admin/audit", "/admin/audit.csv"])
def test_the_record_is_for_reviewers(as_role: AsRole, client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 401
    for role in Role:
        expected = 200 if role in (Role.REVIEWER, Role.ADMIN) else 403
        assert as_role(role).get(address).status_code == expected


@pytest.mark.parametrize(
    "query",
    [
        "before=-1",
        "before=abc",
        "before=１",
        "before=" + "9" * 40,
        "since=2026-02-30",
        "until=x",
        "until=9999-12-31",
        "actor=" + "x" * 300,
    ],
)
def test_what_cannot_be_understood_is_refused(as_role: AsRole, query: str) -> None:
    assert as_role(Role.ADMIN).get(f"/admin/audit?{query}").status_code == 400


@pytest.mark.parametrize("query", ["before=0", "before=9223372036854775807", "action=nonsense", "since=2026-01-01"])
def test_a_filter_that_fits_nothing_says_so(as_role: AsRole, query: str) -> None:
    response = as_role(Role.ADMIN).get(f"/admin/audit?{query}")

    assert response.status_code == 200
