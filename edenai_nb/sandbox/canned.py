"""The sandbox's canned replies. Each says that no model was called."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from .completion import tokens

NOTICE = "> **Sandbox reply:** no model was called. This text is canned, the stream is real.\n\n"
THINKING = "The sandbox has no model, so nobody thinks here. This is only what thinking looks like while it arrives."
_FOLDER = Path(__file__).parent / "replies"
LONG_TOKENS = 3600  # a minute at 60 tokens/s
RESULT_CHARACTERS = 300
SHORT_PROMPT = 2000  # characters; in a longer prompt the word JSON is no request for it
_BY_WORD: Mapping[str, str] = {  # of equally good matches, the first counts
    "dataset": r"data ?sets?|explor\w*|pandas|data ?frames?",
    "bullets": r"bullets?|stands? out|in three",
    "code": r"code|python|function|script|class|bug|regex|sql|javascript|program",
    "table": r"table|compar\w*|versus|vs|csv|columns?|prices?|server-sent|sse|websockets?",
    "math": r"math\w*|equation|formula|integral|proof|prove|derivative|theorem|matrix|probability|statistics",
    "plan": r"plan|steps|todo|to-do|tasks?|checklist|how to|list|recipe",
    "quote": r"quote|poem|story|write|essay|history|explain|why|who",
    "summary": r"summar\w*|tl;?dr|shorten|key points|notes|brief",
}
_IN_TURN = ("welcome", *_BY_WORD)


def reply(prompt: str, body: Mapping[str, Any], turn: int) -> str:
    """The reply whose keywords match the prompt, else the next in turn. JSON if JSON is asked for."""
    if isinstance(asked := body.get("response_format"), dict) and asked.get("type") in ("json_object", "json_schema"):
        return _json()
    if len(prompt) <= SHORT_PROMPT and re.search(r"\bjson\b", prompt, re.IGNORECASE):
        return f"```json\n{_json()}\n```\n"
    return NOTICE + _document(_suits(prompt) or _IN_TURN[turn % len(_IN_TURN)]) + _seen(attachments(body))


def told(results: Sequence[tuple[str, str]]) -> str:
    """A reply to the results of tools, given as (name, result)."""
    lines = (f"- `{name}`: {textwrap.shorten(said, RESULT_CHARACTERS)}" for name, said in results)
    return NOTICE + "\n".join(("The tools said:\n", *lines))


@lru_cache
def long() -> str:
    """A reply of about `LONG_TOKENS` tokens, always the same."""
    text, size = NOTICE + "# The long reply\n", 0
    for chapter in _chapters():
        size += len(tokens(chapter))
        if size > LONG_TOKENS:
            break
        text += chapter
    return text


def thinks(body: Mapping[str, Any]) -> bool:
    """Whether the request asks for reasoning."""
    thinking = body.get("thinking")
    is_enabled = isinstance(thinking, dict) and thinking.get("type") == "enabled"
    return is_enabled or body.get("reasoning_effort") not in (None, "none", "disable")


def attachments(body: Mapping[str, Any]) -> int:
    """The number of parts of the messages that are not text."""
    contents = (message.get("content") for message in body["messages"])
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return sum(isinstance(part, dict) and part.get("type") != "text" for part in parts)


def _suits(prompt: str) -> str | None:
    """The reply with the most keywords in the prompt; None if there are none."""
    hits = {name: len(re.findall(rf"\b(?:{words})\b", prompt, re.IGNORECASE)) for name, words in _BY_WORD.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] else None


def _seen(count: int) -> str:
    return f"\n\nI saw {count} attachment{'s' * (count != 1)} with your messages." if count else ""


def _json() -> str:
    fields = {"sandbox": True, "note": "Sandbox reply: no model was called.", "items": [1, 2, 3]}
    return json.dumps(fields, indent=2)


def _chapters() -> Iterator[str]:
    names = [name for name in _IN_TURN if name != "welcome"]
    number = 0
    while True:
        # By paragraph, so that the reply can end near its target length without cutting one.
        number += 1
        first, *rest = _document(names[(number - 1) % len(names)]).split("\n\n")
        yield f"\n## Chapter {number}: {first.lstrip('# ')}\n"
        yield from (f"\n{paragraph}\n" for paragraph in rest)


@lru_cache
def _document(name: str) -> str:
    return (_FOLDER / f"{name}.md").read_text("utf-8").strip()
