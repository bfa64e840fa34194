"""`kb` as people run it: exit codes, sentences on stderr, JSON alone on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kbserver.articles import markdown, write

ROOT = Path(__file__).parents[3]


@pytest.fixture
def kb(tmp_path: Path, article_folder: Path):
    """Runs `kb` on an installation in `tmp_path` without a model."""
    environ = os.environ | {
        "KB_DATA_DIR": str(tmp_path / "var"),
        "KB_ARTICLES_DIR": str(article_folder),
        "KB_EMBEDDING_MODEL": "none",
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
    }

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kbserver", *arguments],
            cwd=tmp_path,
            env=environ | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_help_names_every_command(kb) -> None:
    result = kb("--help")

    assert result.returncode == 0
    for command in ("serve", "index", "search", "eval", "model", "articles", "doctor"):
        assert command in result.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['kb', '--help']\n"
        "from kbserver.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([m for m in ('flask', 'sqlalchemy', 'numpy', 'pydantic', 'whoosh') if m in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("search",),
        ("search", "a", "--mode", "magic"),
        ("eval", "/nowhere"),
        ("articles", "import", "/no.md"),
        ("serve", "--port", "x"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(kb, arguments: tuple[str, ...]) -> None:
    result = kb(*arguments)

    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_is_one_sentence(kb) -> None:
    result = kb("index", "status", KB_LANG="fr")

    assert result.returncode == 1
    assert result.stderr.splitlines() == ["KB_LANG must be one of zh, en, not “fr”."]


def test_a_bad_file_is_named_and_the_others_are_imported(kb, tmp_path: Path) -> None:
    write(tmp_path, "in/good.md", markdown("KB-0001"))
    write(tmp_path, "in/bad.md", "---\ntitle: [a\n---\n")

    result = kb("articles", "import", "in", "--json")

    assert result.returncode == 1
    assert json.loads(result.stdout)["published"] == ["KB-0001"]
    assert "bad.md:2" in result.stderr


def test_search_without_a_model_answers_from_words(kb, article_folder: Path) -> None:
    write(article_folder, "a.md", markdown("KB-0001", title="打印机脱机"))
    built = kb("index", "build")

    result = kb("search", "打印机", "--json")

    assert built.returncode == 0, built.stderr
    answer = json.loads(result.stdout)
    assert [hit["id"] for hit in answer["hits"]] == ["KB-0001"]
    assert answer["degraded"] is True


def test_check_names_what_the_index_lacks_and_repairs_it(kb, article_folder: Path) -> None:
    write(article_folder, "a.md", markdown("KB-0001"))
    kb("index", "build")
    write(article_folder, "b.md", markdown("KB-0002"))
    kb("articles", "import", str(article_folder))

    found = kb("index", "check", "--json")
    repaired = kb("index", "check", "--repair", "--json")

    assert found.returncode == 1
    assert "KB-0002" in found.stdout
    assert not any("KB-0002" in left for left in json.loads(repaired.stdout)["left"])


def test_update_takes_in_what_changed(kb, article_folder: Path) -> None:
    write(article_folder, "a.md", markdown("KB-0001"))
    kb("index", "build")
    write(article_folder, "b.md", markdown("KB-0002"))

    first, second = kb("index", "update"), kb("index", "update")

    assert first.stdout.startswith("1 articles touched; 2 articles")
    assert second.stdout.startswith("0 articles touched; 2 articles")


def test_eval_gives_the_documented_figures(kb, tmp_path: Path) -> None:
    documents = [{"id": f"d{n}", "title": f"问题{n}", "text": f"第{n}种故障 code{n}"} for n in range(5)]
    write(tmp_path, "set/corpus.jsonl", "\n".join(map(json.dumps, documents)))
    write(tmp_path, "set/queries.jsonl", json.dumps({"id": "q1", "text": "code3" + " 长" * 9000}))
    write(tmp_path, "set/qrels.tsv", "query_id\tdoc_id\tscore\nq1\td3\t1\n")

    result = kb("eval", "set", "--mode", "keyword", "--json")

    figures = json.loads(result.stdout)
    assert figures.keys() == {
        "documents", "passages", "queries", "mode", "ndcg@10", "recall@10", "mrr@10", "p@1",
        "latency_ms", "encode_ms", "index_seconds", "embed_seconds",
    }  # fmt: skip
    assert (figures["documents"], figures["queries"], figures["ndcg@10"]) == (5, 1, 1.0)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("corpus.jsonl", "{", "corpus.jsonl line 1"),
        ("queries.jsonl", '{"id": 1}', "queries.jsonl line 1"),
        ("queries.jsonl", json.dumps({"id": "q", "text": "长" * 20_001}), "more than 20000 characters"),
        ("qrels.tsv", "q1 d1 1", "qrels.tsv line 1"),
    ],
)
def test_eval_names_the_line_that_is_wrong(kb, tmp_path: Path, name: str, content: str, sentence: str) -> None:
    write(tmp_path, "set/corpus.jsonl", "")
    write(tmp_path, "set/queries.jsonl", "")
    write(tmp_path, "set/qrels.tsv", "")
    write(tmp_path, f"set/{name}", content)

    result = kb("eval", "set", "--mode", "keyword")

    assert result.returncode == 1
    assert sentence in result.stderr.splitlines()[-1]


def test_doctor_says_what_is_wrong(kb, article_folder: Path) -> None:
    write(article_folder, "bad.md", "")

    result = kb("doctor", "--json")

    findings = {row["check"]: row for row in json.loads(result.stdout)}
    assert result.returncode == 1
    assert findings["database"]["ok"]
    assert "bad.md" in findings["articles"]["detail"]
