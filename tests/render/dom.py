"""HTML as a nested value that two renderers can be compared by."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

VOID = {"br", "hr", "img", "input"}
BLOCK = set(
    """address article aside blockquote details div dl dt dd fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr
    iframe li main nav ol p pre script section style summary table tbody td tfoot th thead title tr ul""".split()  # noqa: SIM905
)
KEPT = {"checked", "href", "src", "title", "start", "align", "alt"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: list[Any] = ["root", {}]
        self.path = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node: list[Any] = [tag, {name: value or "" for name, value in attrs}]
        self.path[-1].append(node)
        if tag not in VOID:
            self.path.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if any(node[0] == tag for node in self.path[1:]):
            while self.path.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.path[-1].append(data)

    def handle_comment(self, data: str) -> None:
        self.path[-1].append(["!comment", {"text": data}])


def tree(html: str) -> list[Any]:
    """[tag, attributes, *children] of everything in `html`, as it is written."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def elements(node: list[Any]) -> list[tuple[str, dict[str, str]]]:
    """(tag, attributes) of every element below `node`."""
    found = []
    for child in node[2:]:
        if isinstance(child, list):
            found += [(child[0], child[1]), *elements(child)]
    return found


def normal(html: str) -> list[Any]:
    """What is left to compare: structure, links, text. Our own frames, colours and link policy are undone."""
    return _tidy(_simplify(tree(html), False), False)


def _simplify(node: list[Any], in_link: bool) -> list[Any]:
    tag, attrs, children = node[0], node[1], []
    for child in node[2:]:
        if isinstance(child, str):
            children.append(child)
            continue
        child = _simplify(child, in_link or tag == "a")
        children += _replaced(child, in_link or tag == "a")
    return [tag, {k: v for k, v in attrs.items() if k in KEPT or (k == "class" and "language-" in v)}, *children]


def _replaced(node: list[Any], in_link: bool) -> list[Any]:
    tag, attrs = node[0], node[1]
    if tag == "input":
        return ["☑" if "checked" in attrs else "☐"]
    if tag == "span" or (tag == "div" and not attrs and [c[0] for c in node[2:] if isinstance(c, list)] == ["pre"]):
        return list(node[2:])
    if tag == "img" and not attrs.get("src", "").startswith("data:"):
        text = attrs.get("alt") or "image"
        return [text] if in_link else [["a", {"href": attrs.get("src", "")} | _title(attrs), text]]
    return [node]


def _title(attrs: dict[str, str]) -> dict[str, str]:
    return {"title": attrs["title"]} if "title" in attrs else {}


def _tidy(node: list[Any], verbatim: bool) -> list[Any]:
    verbatim = verbatim or node[0] == "pre"
    children: list[Any] = []
    for child in node[2:]:
        child = child if isinstance(child, str) else _tidy(child, verbatim)
        if isinstance(child, str) and children and isinstance(children[-1], str):
            children[-1] += child
        else:
            children.append(child)
    if not verbatim:
        children = _squeezed(children, node[0] in BLOCK | {"root"})
    return [node[0], node[1], *children]


def _squeezed(children: list[Any], in_block: bool) -> list[Any]:
    squeezed = [re.sub(r"[ \t\n]+", " ", child) if isinstance(child, str) else child for child in children]
    kept = []
    for n, child in enumerate(squeezed):
        if isinstance(child, str):
            if (n == 0 and in_block) or (n and _is_block(squeezed[n - 1])):
                child = child.lstrip(" ")
            if (n == len(squeezed) - 1 and in_block) or (n + 1 < len(squeezed) and _is_block(squeezed[n + 1])):
                child = child.rstrip(" ")
        if child:
            kept.append(child)
    return kept


def _is_block(child: Any) -> bool:
    return isinstance(child, list) and (child[0] in BLOCK or child[0] == "br")
