"""The text of an answer as it is shown: as markdown, text, code or JSON, or as the object that it holds."""

from __future__ import annotations

import json

from ..attachments import fenced
from ..data import partial
from ..reply import Reply
from . import objects

FORMS = ("markdown", "text", "code", "json")


def markdown(reply: Reply, form: str = "", done: bool = True) -> str:
    """The markdown that shows this reply; `form` is one of FORMS, or "" for the object where one was asked for."""
    if form == "text":
        return fenced(str(reply), "text") if reply else ""
    if form == "code" and (done or reply.code):
        return "\n\n".join(fenced(block.rstrip("\n"), block.language) for block in reply.code) or str(reply)
    if form == "json" or (form == "" and reply.schema is not None):
        return _json(reply, form, done)
    return str(reply)


def _json(reply: Reply, form: str, done: bool) -> str:
    value = partial.partial(str(reply), reply.schema or {})
    if value is partial.NOTHING or (done and not reply.decoded and not form):
        return fenced(str(reply), "json") if reply else ""
    if form == "json":
        return fenced(_indented(reply) if done else str(reply), "json")
    shown = objects.markdown(value, reply.schema, is_open=not done)
    folded = f"\n\n<details><summary>JSON</summary>\n\n{fenced(_indented(reply), 'json')}\n\n</details>"
    return shown + folded if done else shown


def _indented(reply: Reply) -> str:
    try:
        return json.dumps(reply.json(), ensure_ascii=False, indent=2)
    except ValueError:
        return str(reply)
