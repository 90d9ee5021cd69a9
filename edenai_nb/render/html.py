"""Renders markdown to HTML that is safe to show.

Two independent barriers: the parser passes no raw HTML on but `details`, `summary`, `br`, `sub`, `sup`, `kbd`, and the
sanitizer drops whatever is not on its list.
"""

from __future__ import annotations

import re
from pathlib import Path

from .pipeline import render

SAVED_CLASSES = "edenai-markdown mathjax_ignore"  # the output around it has JupyterLab's classes
READING = "font-size:1.07em;line-height:1.6"  # 15 px where the page's other texts have 14
_TEXT_BLOCK = re.compile(r"<(?:p|ul|ol|blockquote|details)\b")  # code and tables may be wider
ROOT_CLASSES = "jp-RenderedHTMLCommon jp-RenderedMarkdown edenai-markdown mathjax_ignore"


def to_html(text: str, reasoning: str = "", seconds: float | None = None, *, durable: bool = False) -> str:
    """Safe HTML for `text`, after a folded block with `reasoning`, which took so many `seconds`.

    `<think>` blocks in the text are folded, too.

    `durable`: formulas are TeX for JupyterLab's MathJax, which also works in a reopened, untrusted notebook; else
    MathML.
    """
    found = blocks(text, reasoning, seconds, durable=durable)
    return "\n".join(map(_as_column, found) if durable else found)


def _as_column(block: str) -> str:
    """A block with the width of its lines, where a page has no style sheet of ours."""
    tag = _TEXT_BLOCK.match(block)
    return f'{tag[0]} style="max-width:47em"{block[tag.end() :]}' if tag else block


def style() -> str:
    """The style sheet for the HTML."""
    return Path(__file__).with_name("markdown.css").read_text("utf-8")


def document(text: str, reasoning: str = "") -> str:
    """Durable HTML of a reply in its root element, for a `text/html` output."""
    return rooted(to_html(text, reasoning, durable=True))


def rooted(html: str) -> str:
    """Durable HTML in the root element that it needs.

    Styles are inline, as JupyterLab drops `<style>` from untrusted notebooks. The colours of code come from JupyterLab
    and nbconvert, for elements inside one of class `highlight`.
    """
    return f'<div class="{SAVED_CLASSES}" style="{READING}">{html}</div>'


def blocks(text: str, reasoning: str = "", seconds: float | None = None, *, durable: bool = False) -> list[str]:
    """The top-level blocks of `to_html`, one root element each."""
    found = render(text, durable=durable)
    if reasoning.strip():
        found.insert(0, thinking(render(reasoning, durable=durable), seconds))
    return found


def thinking(inside: list[str], seconds: float | None = None) -> str:
    """The folded block that holds the reasoning, with how long it took once that is known."""
    title = "Thinking" if seconds is None else f"Thought for {max(1, round(seconds))} s"
    return f'<details class="edenai-thinking"><summary>{title}</summary>{"".join(inside)}</details>'
