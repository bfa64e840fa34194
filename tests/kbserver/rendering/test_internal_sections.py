from __future__ import annotations

import pytest

from kbserver.rendering import clean_html, render

BODY = "## 步骤\n\n1. 一\n\n### 处理 {internal}\n\n密\n\n```\n# 码\n```\n\n## 验证\n\n打印"


def test_each_block_of_an_internal_section_is_marked() -> None:
    html = render(BODY).html

    assert html.count("internal-part") == 3
    assert '<p class="internal-part">密</p>' in html
    assert "<p>打印</p>" in html


@pytest.mark.parametrize(("lang", "badge"), [("zh", "内部"), ("en", "Internal")])
def test_its_heading_says_so_in_the_reader_s_language(lang: str, badge: str) -> None:
    html = render(BODY, lang=lang).html

    assert f'<span class="internal-mark">{badge}</span>' in html
    assert "{internal}" not in html


def test_the_mark_is_no_part_of_contents_ids_and_section_names() -> None:
    rendered = render("## 解决步骤【内部】\n\n一\n\n## 验证\n\n二")

    assert [(entry.id, entry.text) for entry in rendered.toc] == [("h-解决步骤", "解决步骤"), ("h-验证", "验证")]
    assert rendered.section("steps").heading == "解决步骤"


@pytest.mark.parametrize("box", ['!!! internal "给一线"\n    密', "> [!INTERNAL]\n> 密", "!!! 内部\n    密"])
def test_an_internal_box_is_a_box_of_its_own_kind(box: str) -> None:
    assert '<div class="admonition kind-internal">' in render(box).html


def test_a_mark_within_something_folded_leaves_it_whole() -> None:
    html = render("<details>\n<summary>更多</summary>\n\n## 处理 {internal}\n\n密\n\n</details>\n\n尾").html

    assert html.count("<details>") == 1
    assert "<summary>更多</summary>" in html
    assert "internal-mark" in html


def test_marks_survive_cleaning_once_more() -> None:
    html = render(BODY).html

    assert clean_html(html) == html
