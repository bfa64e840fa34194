"""Article files: read strictly, named when they are wrong, written back unchanged in meaning.

The public face of `article_text` (parsing), `article_writing` (writing),
`article_header` (changing single keys) and `article_files` (reading from a
folder); import these names from here.
"""

from __future__ import annotations

from indexer.article_files import (
    ARTICLE_SUFFIXES,
    article_paths,
    duplicate_id,
    is_article_name,
    parse_bytes,
    read_article_file,
    scan_folder,
)
from indexer.article_header import with_body, with_fields
from indexer.article_schema import KNOWN_KEYS, canonical_category, canonical_id, moment_of
from indexer.article_text import (
    MAX_BODY_BYTES,
    MAX_FILE_BYTES,
    MAX_HEADER_BYTES,
    ParsedFile,
    parse_article,
    with_id,
)
from indexer.article_writing import markdown_of
from indexer.problems import Problem, Severity
from indexer.strict_yaml import HeaderRefused

__all__ = [
    "ARTICLE_SUFFIXES",
    "KNOWN_KEYS",
    "MAX_BODY_BYTES",
    "MAX_FILE_BYTES",
    "MAX_HEADER_BYTES",
    "HeaderRefused",
    "ParsedFile",
    "Problem",
    "Severity",
    "article_paths",
    "canonical_category",
    "canonical_id",
    "duplicate_id",
    "is_article_name",
    "markdown_of",
    "moment_of",
    "parse_article",
    "parse_bytes",
    "read_article_file",
    "scan_folder",
    "with_body",
    "with_fields",
    "with_id",
]
