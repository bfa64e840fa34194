import pytest

from indexer.normalizing import normalize, normalize_with_offsets, simplified, visible


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ＶＰＮ　１２３", "vpn 123"),
        ("印表機離線", "打印机脱机"),
        ("網路連線失敗", "网络连接失败"),
        ("打\u200b印\u202e机", "打印机"),
        ("Ｏｕｔｌｏｏｋ\t收不到\n邮件", "outlook 收不到 邮件"),
        ("\ud800坏", "坏"),
        ("", ""),
        ("\u3000 \u00a0", ""),
    ],
    ids=["width", "traditional", "taiwan-terms", "invisible", "space", "surrogate", "empty", "blank"],
)
def test_the_same_word_has_one_form(written, normal):
    assert normalize(written) == normal


def test_simplified_text_keeps_its_own_words():
    assert simplified("打开文件和软件") == "打开文件和软件"


def test_a_pile_of_combining_marks_is_cut_to_three():
    assert visible("e" + "\u0301" * 1000) == "e" + "\u0301" * 3


def test_normalising_twice_changes_nothing():
    once = normalize("ＶＰＮ 連線失敗 ＴＨ－０１ ﬁle")

    assert normalize(once) == once


def test_offsets_lead_back_to_the_written_characters():
    text = "Ａ\u200b ﬁ 機"

    normalized, offsets = normalize_with_offsets(text)

    assert normalized == "a fi 机"
    assert [text[offset] for offset in offsets] == ["Ａ", " ", "ﬁ", "ﬁ", " ", "機"]
