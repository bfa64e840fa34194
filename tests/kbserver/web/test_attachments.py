"""Files of drafts and articles over HTTP: RELIABILITY (e), rows U."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kbserver.config import load_settings
from kbserver.domain.limits import MAX_UPLOAD_REQUEST_BYTES
from kbserver.domain.permissions import Role
from kbserver.domain.reader import Reader
from kbserver.services.container import Services
from tests.kbserver.articles import markdown
from tests.kbserver.domain.test_attachments import NAMES
from tests.kbserver.picture_files import bomb, jpeg_with_place, png, png_with_words

People = dict[Role, Reader]
JSON = {"Accept": "application/json"}
LOG = "错误\n".encode()
VECTORS = load_settings().eval_data / "vectors" / "patt_files"


@pytest.fixture
def agent(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.AGENT)


@pytest.fixture
def draft_id(services: Services, people: People) -> int:
    return services.drafts.create(people[Role.AGENT], markdown(title="打印机脱机")).id


def upload(client: FlaskClient, draft_id: int, name: str, data: bytes):
    form = {"file": (io.BytesIO(data), name, "text/html;x=png")}
    answer = client.post(f"/drafts/{draft_id}/files", data=form, headers=JSON)
    # The test client leaves the file open in which it had put a large body together.
    answer.request.environ["wsgi.input"].close()
    return answer


class TestUploading:
    def test_the_script_gets_the_text_that_shows_the_picture(self, agent: FlaskClient, draft_id: int) -> None:
        told = upload(agent, draft_id, "image.png", png()).get_json()

        assert told["markdown"] == f"![image](files/{told['name']})"

    def test_the_form_works_without_a_script(self, agent: FlaskClient, draft_id: int) -> None:
        form = {"file": (io.BytesIO(LOG), "a.log")}

        answer = agent.post(f"/drafts/{draft_id}/files", data=form)

        assert answer.location == f"/drafts/{draft_id}#files"
        assert "[a-" in agent.get(f"/drafts/{draft_id}").get_data(as_text=True)

    @pytest.mark.parametrize("name", [name for name in NAMES if name])
    def test_no_name_leads_anywhere(self, agent: FlaskClient, draft_id: int, tmp_path: Path, name: str) -> None:
        before = {path for path in tmp_path.rglob("*") if path.is_file()}

        answer = upload(agent, draft_id, name, LOG)

        assert answer.status_code in (200, 400)
        new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
        assert all(path.is_relative_to(tmp_path / "var") for path in new)
        if answer.status_code == 200:
            stored = answer.get_json()["name"]
            assert agent.get(f"/drafts/{draft_id}/files/{stored}").data == LOG

    @pytest.mark.parametrize(
        ("name", "data", "status"),
        [
            ("a.svg", b"<svg onload=alert(1)>", 400),
            ("a.html", b"<script>", 400),
            ("a.png.html", png(), 400),
            ("a.png", b"<svg>", 400),
            ("a.png", bomb(), 413),
            ("a.jpg", jpeg_with_place()[:300], 400),
            ("a.png", png() + b"\0" * 10_000_001, 413),
            ("a.log", b"", 400),
        ],
    )
    def test_a_refusal_is_a_sentence(
        self, agent: FlaskClient, draft_id: int, name: str, data: bytes, status: int
    ) -> None:
        answer = upload(agent, draft_id, name, data)

        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert len(answer.get_json()["detail"]) > 5

    def test_a_request_that_is_too_large_is_refused_by_its_length(self, agent: FlaskClient, draft_id: int) -> None:
        answer = agent.post(
            f"/drafts/{draft_id}/files",
            data=b"--x",
            headers=JSON,
            content_type="multipart/form-data; boundary=x",
            environ_overrides={"CONTENT_LENGTH": str(2 * 10**9)},
        )

        assert answer.status_code == 413

    def test_a_file_that_is_too_large_is_refused(self, agent: FlaskClient, draft_id: int) -> None:
        answer = upload(agent, draft_id, "a.log", b"a" * (MAX_UPLOAD_REQUEST_BYTES - 50_000))

        assert answer.status_code == 413

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"--x--\r\n",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--x--\r\n',
            b"--x\r\n" + b'Content-Disposition: form-data; name="a"\r\n\r\nb\r\n--x\r\n' * 10_000,
            b"\r" * 100_000 + b"--x--",
        ],
        ids=["nothing", "no part", "no file", "ten thousand parts", "carriage returns"],
    )
    def test_an_odd_form_is_refused(self, agent: FlaskClient, draft_id: int, body: bytes) -> None:
        answer = agent.post(
            f"/drafts/{draft_id}/files", data=body, headers=JSON, content_type="multipart/form-data; boundary=x"
        )

        assert answer.status_code in (400, 413)
        assert answer.get_json()["detail"]

    @pytest.mark.skipif(not VECTORS.is_dir(), reason=f"no files at {VECTORS}")
    def test_every_attack_file_is_refused_or_only_offered(self, agent: FlaskClient, draft_id: int) -> None:
        for path in sorted(VECTORS.iterdir()):
            for name in (path.name, "a.png", "a.gif", f"{path.name}.txt"):
                answer = upload(agent, draft_id, name, path.read_bytes())
                assert answer.status_code in (200, 400)
                if answer.status_code == 200:
                    served = agent.get(f"/drafts/{draft_id}/files/{answer.get_json()['name']}")
                    assert served.mimetype == "text/plain"
                    assert served.headers["Content-Disposition"].startswith("attachment;")


class TestServing:
    @pytest.mark.parametrize(("name", "data"), [("a.txt", LOG), ("a.pdf", b"%PDF-1.7 <script>"), ("a.zip", b"PK\3\4")])
    def test_a_file_is_saved_and_never_opened_here(
        self, agent: FlaskClient, draft_id: int, name: str, data: bytes
    ) -> None:
        stored = upload(agent, draft_id, name, data).get_json()["name"]

        served = agent.get(f"/drafts/{draft_id}/files/{stored}")

        assert served.data == data
        assert served.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{stored}"
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"

    def test_a_picture_is_shown_and_holds_nothing_else(self, agent: FlaskClient, draft_id: int) -> None:
        stored = upload(agent, draft_id, "a.png", png_with_words()).get_json()["name"]

        served = agent.get(f"/drafts/{draft_id}/files/{stored}")

        assert (served.mimetype, "Content-Disposition" in served.headers) == ("image/png", False)
        assert b"Canary" not in served.data
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in served.headers["Content-Security-Policy"]

    def test_an_unchanged_file_is_not_sent_again(self, agent: FlaskClient, draft_id: int) -> None:
        stored = upload(agent, draft_id, "a.png", png()).get_json()["name"]
        address = f"/drafts/{draft_id}/files/{stored}"

        answer = agent.get(address, headers={"If-None-Match": agent.get(address).headers["ETag"]})

        assert answer.status_code == 304

    def test_the_preview_shows_a_picture_that_was_just_put_in(self, agent: FlaskClient, draft_id: int) -> None:
        told = upload(agent, draft_id, "a.png", png()).get_json()

        answer = agent.post(f"/drafts/{draft_id}/preview", data={"title": "t", "body": told["markdown"]})

        assert f'src="/drafts/{draft_id}/files/{told["name"]}"' in answer.get_data(as_text=True)

    def test_by_guess_by_an_old_link_and_by_another_role_it_is_not_there(
        self, app, agent: FlaskClient, draft_id: int, as_role, services: Services, people: People
    ) -> None:
        told = upload(agent, draft_id, "a.png", png()).get_json()
        address = f"/drafts/{draft_id}/files/{told['name']}"
        other = services.drafts.create(people[Role.AGENT], "# x\n")

        assert as_role(Role.READER).get(address).status_code == 404
        assert app.test_client().get(address).status_code == 404
        assert agent.get(f"/drafts/{other.id}/files/{told['name']}").status_code == 404
        assert agent.get(f"/drafts/{draft_id}/files/{told['name'][:-5]}.jpg").status_code == 404
        agent.post(f"{address}/remove")
        assert agent.get(address).status_code == 404

    def test_a_published_article_offers_its_files_to_its_readers(
        self, app, agent: FlaskClient, draft_id: int, services: Services, people: People
    ) -> None:
        told = upload(agent, draft_id, "a.log", LOG).get_json()
        text = markdown(title="打印机脱机", body=f"## 步骤\n\n1. {told['markdown']}\n", audience="public")
        services.drafts.save(people[Role.AGENT], draft_id, 1, text)
        services.review.submit(people[Role.AGENT], draft_id, None)
        article_id = services.review.approve(people[Role.REVIEWER], draft_id, None).article_id
        reader = app.test_client()

        page = reader.get(f"/articles/{article_id}").get_data(as_text=True)
        served = reader.get(f"/articles/{article_id}/files/files/{told['name']}")

        assert f"/articles/{article_id}/files/files/{told['name']}" in page
        assert (served.data, served.headers["Content-Disposition"][:11]) == (LOG, "attachment;")
        assert agent.get(f"/drafts/{draft_id}/files/{told['name']}").status_code == 404
