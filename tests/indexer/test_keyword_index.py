from __future__ import annotations

from indexer.articles import Article
from indexer.keyword_index import HEADING_WEIGHT, PassageTokens
from indexer.passages import passages_of
from indexer.tokenizing import Tokenizer

TOKENIZER = Tokenizer()


def tokens_of_section() -> PassageTokens:
    article = Article("a", "Printer offline", "## Spooler\n\nRestart the queue.\n")
    return PassageTokens.of(passages_of(article)[-1], TOKENIZER)


def test_words_of_title_and_heading_count_more_than_those_of_the_text():
    words = tokens_of_section().words
    counted = {word: words[TOKENIZER.words(word)[0]] for word in ("offline", "spooler", "queue")}
    assert counted == {"offline": HEADING_WEIGHT, "spooler": HEADING_WEIGHT, "queue": 1}


def test_a_passage_that_is_a_title_counts_its_words_once():
    article = Article("a", "Printer offline", "")
    title = PassageTokens.of(passages_of(article)[0], TOKENIZER)
    assert set(title.words.values()) == {1}
