"""The fenced code blocks of a markdown text."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def fences(text: str) -> list[tuple[str, str]]:
    """(language, source) of each fenced code block of CommonMark, in order; "" if no language is named."""
    if "```" not in text and "~~~" not in text:
        return []
    return [
        ((token.info.split() or [""])[0], token.content) for token in _parser().parse(text) if token.type == "fence"
    ]


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # here, as the import takes 30 ms and most answers have no code

    # Blocks only. HTML blocks are off, as when rendering: markdown inside `<details>` counts.
    return MarkdownIt("commonmark").disable(["inline", "text_join", "html_block"])
