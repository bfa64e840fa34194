import pytest

from indexer.snippets import Marker, snippet_of
from indexer.tokenizing import Tokenizer

TEXT = (
    "打印机状态显示为“脱机”时，先检查电源与网线。\n打开打印队列，在菜单里去掉“脱机使用打印机”前的勾。"
    + "其余步骤与安装驱动时相同，此处不再重复说明。" * 6
    + "若提示 0x0000011b，则与更新有关。ＴＨ－０１ 型号也适用，重启 spoolers 服务。"
)


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer()


@pytest.mark.parametrize(
    ("query", "marked"),
    [("0x11B", "0x0000011b"), ("TH01", "ＴＨ－０１"), ("spooler", "spoolers"), ("更新", "更新")],
)
def test_the_snippet_marks_what_matched_as_it_is_written(tokenizer, query, marked):
    snippet = snippet_of(TEXT, Marker(tokenizer.query(query)))

    assert [snippet.text[start:end] for start, end in snippet.spans] == [marked]


def test_traditional_script_marks_simplified_text(tokenizer):
    spans = Marker(tokenizer.query("印表機離線")).spans("打印机脱机")

    assert spans == ((0, 5),)


def test_a_short_text_is_taken_whole_and_line_breaks_become_spaces(tokenizer):
    assert snippet_of("第一行\n第二行", Marker(tokenizer.query("第二"))).text == "第一行 第二行"


def test_without_a_match_the_beginning_is_shown(tokenizer):
    snippet = snippet_of(TEXT, Marker(tokenizer.query("qwertz")))

    assert snippet.text.startswith("打印机状态")
    assert snippet.spans == ()


def test_spans_are_in_order_disjoint_and_inside(tokenizer):
    snippet = snippet_of(TEXT, Marker(tokenizer.query("打印机脱机 队列 0x11b")))

    flat = [edge for span in snippet.spans for edge in span]
    assert flat == sorted(set(flat))
    assert flat[-1] <= len(snippet.text)
