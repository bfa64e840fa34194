import pytest

from indexer.articles import Article
from indexer.terms import Terms, TermsError


def write(tmp_path, text):
    path = tmp_path / "terms.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_member_of_a_group_stands_for_the_others(tmp_path):
    terms = Terms.load(write(tmp_path, "synonyms:\n  - [打印机, Printer, 印表機]\n"))

    assert terms.synonyms["printer"] == ("打印机",)
    assert terms.synonyms["打印机"] == ("printer",)


def test_tags_and_products_of_articles_are_words():
    article = Article("KB-1", "t", "", product=("蓝凌协同",), tags=("堡垒机",))

    assert {"蓝凌协同", "堡垒机"} <= Terms.load(None, [article]).words


def test_a_missing_file_is_an_empty_vocabulary(tmp_path):
    assert Terms.load(tmp_path / "none.yml") == Terms()


@pytest.mark.parametrize(
    "text",
    ["- a list", "other: 1", "words: text", "synonyms: [flat]", "words: [[deep]]", "words: ['']", "a: [", "[" * 5000],
    ids=["list", "unknown-key", "no-list", "flat", "deep", "empty-word", "not-yaml", "nested"],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path, text):
    with pytest.raises(TermsError, match=r"^terms\.yml: [^\n]+$"):
        Terms.load(write(tmp_path, text))
