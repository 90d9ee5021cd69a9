"""What the arguments of `map` ask for, as a Job."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from ..data.batch_rows import batch_rows
from ..data.row_template import MISSING, RowTemplate, check_shared, not_missing
from ..errors import InvalidInput
from ..messages import Prompt
from ..parameters import is_count
from .batch_job import Job
from .conversation import Chat

LOOKED_AT = 20  # rows, of which one must fit the template
AT_ONCE = 1000  # how many rows may be asked at the same time; the pace and the time of an answer need fewer


def job(items: Any, template: str | RowTemplate | None, **options: Any) -> Job:
    """What a batch of these rows asks. Raises MissingKey, InvalidInput or SecretsFound if it must not be sent."""
    made = unchecked_job(items, template, **options)
    made.base.check()
    return made


def unchecked_job(
    items: Any,
    template: str | RowTemplate | None,
    *,
    system: str | None = None,
    rate: float | None = None,
    max_concurrency: int | None = None,
    rows_per_call: int | None = None,
    **options: Any,
) -> Job:
    """The same, where it may be another process that has the key and sends it. Raises InvalidInput."""
    for name, count in {"max_concurrency": max_concurrency, "rows_per_call": rows_per_call}.items():
        if count is not None and not is_count(count):
            raise InvalidInput(f"{name} must be a whole number above 0; nothing was sent.")
    if rate is not None:
        options["requests_per_s"] = rate
    check_shared(system)
    rows, prompt = batch_rows(items), _prompts(template)
    _say_slip(prompt, rows.values)
    asked = Chat(system, **options).request("row")
    is_told = asked.settings.origins.get("requests_per_s", "default") != "default"
    base = replace(asked, messages=asked.messages[:-1], session="")
    if (rows_per_call or 1) > 1 and base.schema is None:
        raise InvalidInput("rows_per_call needs a schema=, which tells the answers apart; nothing was sent.")
    return Job(rows, prompt, base, max_concurrency or AT_ONCE, is_told, rows_per_call or 1)


def _prompts(template: str | RowTemplate | None) -> Callable[[Any], Prompt]:
    if template is None:
        return _ready
    if isinstance(template, RowTemplate):
        return template.fill
    if not isinstance(template, str):
        raise InvalidInput('The template is text such as "Classify: {{row}}"; nothing was sent.')
    return RowTemplate(template).fill


def _say_slip(prompt: Callable[[Any], Prompt], rows: Iterable[Any]) -> None:
    """Raise now what would be said of each row: what is wrong with all of the first few is a slip in the template."""
    slip: InvalidInput | None = None
    for row in islice(rows, LOOKED_AT):
        try:
            prompt(row)
        except InvalidInput as problem:
            slip = slip or (None if problem.code == MISSING else problem)
            continue
        except Exception:  # an object of the user's cannot be read: its row fails alone
            pass
        return
    if slip:
        raise slip


def _ready(row: Any) -> Prompt:
    not_missing(row, "The prompt")
    if not isinstance(row, (str, list)):
        raise InvalidInput(
            "Without a template each row is a prompt, text or a list of messages: add one, as in map(items, '{{row}}')."
        )
    return row
