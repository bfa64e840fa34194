from indexer.articles import Article, PassageKind
from indexer.passages import MAX_PASSAGES, MAX_TOKENS, TARGET_TOKENS, passages_of, token_estimate


def article(body, **fields):
    return Article("KB-0001", "打印机脱机", body, **fields)


def sections(body):
    return [p for p in passages_of(article(body)) if p.kind is PassageKind.SECTION]


def test_title_and_issue_lines_are_passages_of_their_own():
    passages = passages_of(article("", issue=("打印不了", "机器显示脱机")))

    assert [(p.kind, p.text) for p in passages] == [
        (PassageKind.TITLE, "打印机脱机"),
        (PassageKind.ISSUE, "打印不了"),
        (PassageKind.ISSUE, "机器显示脱机"),
    ]


def test_the_encoder_reads_title_and_heading_before_the_text():
    (passage,) = sections("## 原因\n\n线松了。")

    assert passage.encoded_text == "打印机脱机\n原因\n线松了。"
    assert passage.heading_path == ("原因",)


def test_a_heading_that_repeats_the_title_is_no_section():
    (passage,) = sections("# 打印机脱机\n\n线松了。")

    assert passage.heading_path == ()


def test_long_text_is_cut_at_sentence_ends_into_pieces_of_bounded_size():
    pieces = sections("检查电源与网线是否插好，再看指示灯。" * 100)

    assert all(token_estimate(piece.text) <= MAX_TOKENS for piece in pieces)
    assert all(piece.text.endswith("。") for piece in pieces)
    assert sum(len(piece.text) for piece in pieces) == 1800


def test_text_without_any_break_is_still_cut():
    pieces = sections("甲" * 5000)

    assert sum(len(piece.text) for piece in pieces) == 5000
    assert max(token_estimate(piece.text) for piece in pieces) <= MAX_TOKENS


def test_small_siblings_under_one_heading_share_a_passage():
    (passage,) = sections("## 方法\n\n### 甲\n\n插线。\n\n### 乙\n\n重启。")

    assert passage.text == "插线。\n乙\n重启。"


def test_top_level_sections_are_never_joined():
    assert [p.heading_path for p in sections("## 现象\n\n不打印。\n\n## 原因\n\n线松了。")] == [("现象",), ("原因",)]


def test_an_endless_article_is_indexed_by_its_beginning():
    body = "\n\n".join(f"## 节{number}\n\n正文{number}。" for number in range(MAX_PASSAGES + 50))

    assert len(sections(body)) == MAX_PASSAGES


def test_the_estimate_is_near_the_target_for_whole_passages():
    whole = sections("检查电源与网线是否插好，再看指示灯。" * 100)[0]

    assert TARGET_TOKENS * 0.7 < token_estimate(whole.text) <= TARGET_TOKENS


def test_facets_are_a_passage_of_their_own():
    passages = passages_of(article("", product=("PowerEdge",), model=("R740",), category="硬件/服务器"))

    assert [p.text for p in passages if p.kind is PassageKind.FACTS] == ["硬件 服务器 PowerEdge R740"]
