import pytest

from indexer.terms import Terms
from indexer.tokenizing import SYNONYM_WEIGHT, Tokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer(Terms(frozenset({"堡垒机"}), {"打印机": ("printer",), "vpn": ("虚拟专用网",)}))


def test_han_text_is_cut_into_words_and_their_parts(tokenizer):
    assert {"打印", "打印机", "脱机"} <= set(tokenizer.words("打印机脱机了"))


def test_a_word_of_the_vocabulary_stays_whole(tokenizer):
    assert "堡垒机" in tokenizer.words("登录堡垒机失败")
    assert "堡垒机" not in Tokenizer().words("登录堡垒机失败")


def test_english_words_meet_in_their_stem(tokenizer):
    assert tokenizer.words("printers printing") == tokenizer.words("printer print")


def test_a_name_with_underscores_is_found_whole_and_by_its_parts(tokenizer):
    assert set(tokenizer.words("tidb_gc_life")) == {"tidb_gc_life", "tidb", "gc", "life"}


def test_bigrams_overlap_and_do_not_cross_scripts(tokenizer):
    assert tokenizer.bigrams("收邮件outlook") == ["收邮", "邮件", "outlook"]


def test_a_single_character_is_its_own_bigram(tokenizer):
    assert tokenizer.bigrams("卡") == ["卡"]


def test_a_synonym_joins_the_query_with_less_weight(tokenizer):
    query = tokenizer.query("打印机卡纸")

    assert query.expansions == ("printer",)
    assert query.words["printer"] == SYNONYM_WEIGHT


def test_a_latin_synonym_needs_a_whole_word(tokenizer):
    assert tokenizer.query("openvpnx 配置").expansions == ()


def test_a_repeated_word_weighs_more_but_saturates(tokenizer):
    once, often = tokenizer.query("打印"), tokenizer.query("打印 " * 50)

    assert 1 == once.words["打印"] < often.words["打印"] < 2.2


@pytest.mark.parametrize("text", ["", "   ", "，。！", "\x00\u202e", "x" * 5000])
def test_text_without_words_gives_no_words(tokenizer, text):
    assert tokenizer.words(text) == []


def test_the_version_does_not_depend_on_the_vocabulary(tokenizer):
    assert tokenizer.version == Tokenizer().version


def test_a_canonical_code_is_a_word_too(tokenizer):
    assert "0x11b" in tokenizer.words("提示 0x0000011b")
    assert "0x11b" in tokenizer.query("0X11B").words
