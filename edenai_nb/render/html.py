"""Markdown to HTML that is safe to show.

Two walls: the parser writes no markup of the reply's own but `details`, `summary`, `br`, `sub`, `sup`, `kbd`, and the
sanitizer drops whatever it does not list.
"""

from __future__ import annotations

from pathlib import Path

from .pipeline import render

SAVED_CLASSES = "edenai-markdown mathjax_ignore"  # the output around it has JupyterLab's, with their padding
ROOT_CLASSES = "jp-RenderedHTMLCommon jp-RenderedMarkdown edenai-markdown mathjax_ignore"


def to_html(text: str, reasoning: str = "", *, durable: bool = False) -> str:
    """Safe HTML for `text`; `reasoning` goes into a folded block before it, `<think>` blocks in it are folded, too.

    `durable` writes formulas as TeX for JupyterLab's own MathJax, which survives in a reopened, untrusted notebook;
    otherwise they are MathML.
    """
    return "\n".join(blocks(text, reasoning, durable=durable))


def style() -> str:
    """The style sheet for it."""
    return Path(__file__).with_name("markdown.css").read_text("utf-8")


def document(text: str, reasoning: str = "") -> str:
    """The durable HTML of a reply with its root element, for a `text/html` output."""
    return rooted(to_html(text, reasoning, durable=True))


def rooted(html: str) -> str:
    """Durable HTML in the root element that it needs.

    What it takes to look right stands in the elements themselves: JupyterLab drops `<style>` from untrusted notebooks.
    JupyterLab and nbconvert bring the colours of code, for what lies in an element of the class `highlight`.
    """
    return f'<div class="{SAVED_CLASSES}">{html}</div>'


def blocks(text: str, reasoning: str = "", *, durable: bool = False) -> list[str]:
    """The top-level blocks of `to_html`, one root element each."""
    found = render(text, durable=durable)
    if reasoning.strip():
        found.insert(0, thinking(render(reasoning, durable=durable)))
    return found


def thinking(inside: list[str]) -> str:
    """The folded block that holds the reasoning."""
    return f'<details class="edenai-thinking"><summary>Thinking</summary>{"".join(inside)}</details>'
