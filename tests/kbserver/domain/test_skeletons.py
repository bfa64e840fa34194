from __future__ import annotations

import pytest

from indexer.articles import ArticleType, Audience
from indexer.frontmatter import parse_article
from kbserver.domain.skeletons import SECTIONS, skeleton


@pytest.mark.parametrize("kind", ArticleType)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_skeleton_has_the_sections_of_its_type_in_its_language(kind: ArticleType, lang: str) -> None:
    article = parse_article(skeleton(kind, lang, "li.na"), "", is_finished=False).article

    assert article is not None
    assert (article.type, article.lang, article.owner, article.audience) == (kind, lang, "li.na", Audience.INTERNAL)
    headings = [line.removeprefix("## ") for line in article.body.split("\n") if line.startswith("## ")]
    assert headings == [pair[lang == "en"] for pair in SECTIONS[kind]]


def test_steps_begin_with_their_first_number() -> None:
    assert "## 解决步骤\n\n1. \n\n## 验证" in skeleton(ArticleType.SOLUTION, "zh", "")
