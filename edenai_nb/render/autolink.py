"""Bare addresses as links, where GitHub finds them: `https://…`, `www.…`, `name@host`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_SCHEME = re.compile(r"(?<![A-Z<])https?\Z", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)[^\W_][\w.-]*(?:[/?#:@][^\s<]*)?", re.IGNORECASE)
_HOST = re.compile(r"[a-z]*(?:://|\.)([\w.-]+)", re.IGNORECASE)
_BEFORE_WWW = " \t\n*_~("
_MAIL = re.compile(
    r"(?<![\w.+@-])(?:mailto:)?[\w.+-]{1,100}@[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.[a-z0-9_-]*[a-z](?![\w@-])",
    re.IGNORECASE | re.ASCII,
)
_SENTENCE = "?!.,:*_~'\"[]"  # at its end, these belong to the surrounding text
_ENTITY = re.compile(r"&[A-Za-z]+;\Z")


def autolink_plugin(md: MarkdownIt) -> None:
    """Register the rules. URLs are parsed before emphasis, since `*` and `_` may be part of them."""
    md.inline.add_terminator_char("w")
    md.inline.ruler.push("bare_url", _bare_url)
    md.inline.ruler.push("bare_www", _bare_www)
    md.core.ruler.after("inline", "bare_mail", _bare_mail)


def _bare_url(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending[-len("xhttps") :])
    address = scheme and _address(state, state.pos - len(scheme[0]))
    if not scheme or not address:
        return False
    state.pending = state.pending[: -len(scheme[0])]
    _push_link(state, address, address)
    state.pos += len(address) - len(scheme[0])
    return True


def _bare_www(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel or not state.src.startswith("www.", state.pos):
        return False
    address = _address(state, state.pos)
    if not address or (state.pos and state.src[state.pos - 1] not in _BEFORE_WWW):
        return False
    _push_link(state, f"http://{address}", address)
    state.pos += len(address)
    return True


def _address(state: StateInline, start: int) -> str:
    """The address that begins here, or "". The last two labels of a host name may not hold an underscore (GFM)."""
    found = _URL.match(state.src, start, state.posMax)
    address = _trimmed(found[0]) if found else ""
    host = _HOST.match(address)
    return address if host and "_" not in "".join(host[1].split(".")[-2:]) else ""


def _trimmed(address: str) -> str:
    end, unopened = len(address), address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if last == ")" and unopened > 0:
            unopened -= 1
        elif last not in _SENTENCE and last != ";":
            break
        entity = _ENTITY.search(address, max(end - 40, 0), end)
        end = entity.start() if entity else end - 1
    return address[:end]


def _push_link(state: StateInline, url: str, label: str) -> None:
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(url)}
    state.push("text", "", 0).content = label
    state.push("link_close", "a", -1)


def _bare_mail(state: StateCore) -> None:
    for token in state.tokens:
        if token.children and "@" in token.content:
            token.children = list(_with_mail(token.children))


def _with_mail(children: list[Token]) -> Iterator[Token]:
    links = 0
    for child in children:
        links += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if links or child.type != "text" or "@" not in child.content:
            yield child
        else:
            yield from _split(child.content)


def _split(text: str) -> Iterator[Token]:
    at = 0
    for found in _MAIL.finditer(text):
        yield Token("text", "", 0, content=text[at : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": "mailto:" + found[0].removeprefix("mailto:")})
        yield Token("text", "", 0, content=found[0])
        yield Token("link_close", "a", -1)
        at = found.end()
    yield Token("text", "", 0, content=text[at:])
