"""Markdown to HTML that is safe to show."""

from __future__ import annotations

import re
from html import escape

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_MARKDOWN.disable("image")
_RAW = re.compile(r"<(?=[a-zA-Z/!?])")


def blocks(text: str, reasoning: str = "") -> tuple[str, ...]:
    """The HTML of each top-level block, one root element a string."""
    found = [str(_MARKDOWN.renderer.render(group, _MARKDOWN.options, {})) for group in _top_level(text)]
    return (*_thinking(reasoning), *found)


def to_html(text: str, reasoning: str = "") -> str:
    """Safe HTML for `text`: only markup that this package wrote, no scripts, no remote loads."""
    return "\n".join(blocks(text, reasoning))


def document(text: str, reasoning: str = "") -> str:
    """`to_html` inside the root element that gives it JupyterLab's look."""
    return f'<div class="jp-RenderedHTMLCommon jp-RenderedMarkdown edenai-markdown">{to_html(text, reasoning)}</div>'


def defang(text: str) -> str:
    """Markdown with its raw HTML escaped, safe to publish as text/markdown."""
    return _RAW.sub("&lt;", text)


def _thinking(reasoning: str) -> list[str]:
    if not reasoning:
        return []
    return [f'<details class="edenai-thinking"><summary>Thinking</summary>{escape(reasoning)}</details>']


def _top_level(text: str):  # type: ignore[no-untyped-def]
    group = []
    for token in _MARKDOWN.parse(text):
        group.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield group
            group = []
