"""Front matter as strings, lists and mappings: YAML without tags, aliases, types or surprises.

`yaml.safe_load` expands aliases, lets the last of two equal keys win and turns
`no`, `012` and `12:30:45` into something else. Here the events of PyYAML's
parser are read one by one, so nothing is built that is not a string, and a
header that nests too deep is refused before anything recurses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from indexer.problems import Problem, problem

MAX_DEPTH = 10
"""An article needs two levels (a list under a key); the rest is room for unknown keys."""

MAX_NODES = 2000
"""Scalars and collections in one header; 200 issue lines and all lists stay far below."""

MAX_KEY = 100
"""Characters of one key; every known key has fewer than twenty."""

_FULL_WIDTH_COLON = re.compile(r"^[ ]{0,3}([A-Za-z_]+)：")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string as written, and its line; an unquoted null is the empty string."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: list[Node]
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Nodes by key, in the order of the file; `key_lines` says where each key stands."""

    items: dict[str, Node]
    key_lines: dict[str, int]
    line: int


Node = Scalar | Sequence | Mapping


class HeaderRefused(ValueError):
    """The header broke a rule; `problem` says which and where."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.en)
        self.problem = found


class StringLoader(yaml.SafeLoader):
    """PyYAML's safe scanner and parser; only its events are used, never its constructors."""


def load_mapping(text: str, first_line: int) -> Mapping:
    """The header's mapping; `first_line` is the file's line number of the first line of `text`.

    Raises HeaderRefused with the first problem found. An empty header is an empty mapping.

    >>> load_mapping("tags: [no, 012]", 2).items["tags"].items
    [Scalar(text='no', line=2), Scalar(text='012', line=2)]
    """
    _refuse_full_width_colons(text, first_line)
    loader = None
    try:
        loader = StringLoader(text)
        return _TreeBuilder(loader, first_line).mapping()
    except yaml.YAMLError as error:
        raise HeaderRefused(_yaml_problem(error, first_line)) from None
    finally:
        if loader is not None:
            loader.dispose()


def _refuse_full_width_colons(text: str, first_line: int) -> None:
    """Name the commonest slip of Chinese input methods, which YAML itself explains badly."""
    for number, line in enumerate(text.split("\n"), first_line):
        if found := _FULL_WIDTH_COLON.match(line):
            raise HeaderRefused(problem("yaml_colon", number, found.group(1)))


def _yaml_problem(error: yaml.YAMLError, first_line: int) -> Problem:
    mark = getattr(error, "problem_mark", None)
    detail = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
    return problem("yaml", first_line + (mark.line if mark else 0), detail=detail)


class _TreeBuilder:
    """Turns parser events into nodes without recursion."""

    def __init__(self, loader: StringLoader, first_line: int) -> None:
        self._loader = loader
        self._first_line = first_line
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Scalar | None] = []
        self._nodes = 0
        self._root: Node | None = None

    def mapping(self) -> Mapping:
        while self._loader.check_event():
            self._take(self._loader.get_event())  # type: ignore[no-untyped-call]
        if self._root is None or self._root == Scalar("", self._first_line):
            return Mapping({}, {}, self._first_line)
        if not isinstance(self._root, Mapping):
            raise HeaderRefused(problem("yaml_not_mapping", self._root.line))
        return self._root

    def _take(self, event: yaml.Event) -> None:
        line = self._first_line + (event.start_mark.line if event.start_mark else 0)
        if isinstance(event, yaml.AliasEvent):
            raise HeaderRefused(problem("yaml_alias", line, detail=f"*{event.anchor}"))
        if isinstance(event, yaml.DocumentStartEvent) and (event.explicit or event.tags):
            raise HeaderRefused(problem("yaml", line, detail="a document mark inside the header"))
        if isinstance(event, yaml.NodeEvent):
            self._take_node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._keys.pop()

    def _take_node(self, event: yaml.NodeEvent, line: int) -> None:
        self._check(event, line)
        if isinstance(event, yaml.ScalarEvent):
            plain_null = event.style is None and event.value in _NULL
            self._add(Scalar("" if plain_null else event.value, line))
            return
        node: Sequence | Mapping
        is_list = isinstance(event, yaml.SequenceStartEvent)
        node = Sequence([], line) if is_list else Mapping({}, {}, line)
        self._add(node)
        self._open.append(node)
        self._keys.append(None)
        if len(self._open) > MAX_DEPTH:
            raise HeaderRefused(problem("yaml_depth", line, cap=MAX_DEPTH))

    def _check(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor:
            raise HeaderRefused(problem("yaml_alias", line, detail=f"&{event.anchor}"))
        if tag := getattr(event, "tag", None):
            raise HeaderRefused(problem("yaml_tag", line, detail=tag))
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise HeaderRefused(problem("yaml_keys", line, cap=MAX_NODES))

    def _add(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = self._checked_key(node, parent)
        else:
            parent.items[key.text] = node
            parent.key_lines[key.text] = key.line
            self._keys[-1] = None

    def _checked_key(self, node: Node, parent: Mapping) -> Scalar:
        if not isinstance(node, Scalar):
            raise HeaderRefused(problem("yaml", node.line, detail="a key is not a plain word"))
        if len(node.text) > MAX_KEY or "\n" in node.text:
            raise HeaderRefused(problem("yaml", node.line, detail="a key is too long"))
        if node.text == "<<":
            raise HeaderRefused(problem("yaml_alias", node.line, "<<", detail="<<"))
        if node.text in parent.items:
            raise HeaderRefused(problem("yaml_duplicate", node.line, node.text))
        return node
