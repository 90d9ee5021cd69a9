"""Dry run of a batch: its first request, and what all rows would cost and take; nothing is sent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from itertools import islice
from math import inf

from ..api.pace import Share
from ..errors import EdenError, InvalidInput
from ..money import dollars
from . import answers
from .batch_job import Job
from .batch_progress import duration
from .batch_task import Ask, Question, tasks
from .dry_run import DryRun, dry_run
from .request import Request

LOOKED_AT = 50  # rows, evenly over all of them


def batch_dry_run(job: Job) -> DryRun:
    """The DryRun of the first row, with a note on all. Raises InvalidInput for a batch without rows to ask about."""
    total = len(job.rows.values)
    sample: list[DryRun] = []
    for row in range(0, total, max(1, -(-total // LOOKED_AT))):
        with suppress(EdenError):  # a row that fails by itself
            sample.append(dry_run(_single(job.request(row))))
    if not sample:
        raise InvalidInput("There is no row to ask about.")
    first, usd = sample[0], [one.usd for one in sample if one.usd]
    distinct, kept = _counted(job)
    seconds = (distinct - kept) / job.rows_per_call / (job.base.settings.requests_per_s * Share.FIRST)
    known = f", {kept:,} of those kept" if kept else ""
    told = [f"{total:,} row{'s' * (total != 1)}, {distinct:,} of them different{known}: {duration(seconds)} or more"]
    if len(usd) == len(sample):
        scale = (distinct - kept) / len(usd)
        low, expected, high = (scale * sum(getattr(one, name) for one in usd) for name in ("low", "expected", "high"))
        told.append(f"all ~{dollars(expected)} ({dollars(low)} to {dollars(high)})")
        if expected > job.base.settings.max_cost:
            told.append(f"more than max_cost ({dollars(job.base.settings.max_cost)}): it would stop early")
    if job.rows_per_call > 1:
        told.append(f"less with {job.rows_per_call} in one request, where they share what stands before them")
        first = dry_run(_single(_together(job)))
    return replace(first, note="; ".join(told))


def _together(job: Job) -> Request:
    """The first request of several rows."""
    found = islice(job.different(range(len(job.rows.values)), set()), job.rows_per_call)
    return tasks([Ask(Question([row]), request) for row, request in found], job.base)[0].request


def _counted(job: Job) -> tuple[int, int]:
    """(how many different questions there are, how many of them have a kept answer)."""
    keep = job.base.settings.keep
    found = job.different(range(len(job.rows.values)), set())
    kept = [bool(keep) and answers.is_kept(answers.file_of(keep), request) for _, request in found]
    return len(kept), sum(kept)


def _single(request: Request) -> Request:
    """The request without `max_cost`, which is for all rows together."""
    return replace(request, settings=replace(request.settings, max_cost=inf))
