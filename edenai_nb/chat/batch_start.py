"""Starts a batch: `map` and its async twin."""

from __future__ import annotations

import sys
from typing import Any

from . import progress_line
from .batch import Batch
from .batch_arguments import job
from .batch_dry_run import batch_dry_run


def map(
    items: Any,
    template: str | None = None,
    *,
    system: str | None = None,
    rate: float | None = None,
    max_concurrency: int | None = None,
    rows_per_call: int | None = None,
    dry_run: bool = False,
    executor: Any = None,
    **options: Any,
) -> Any:
    """Ask the same about each of many rows; returns a Batch at once, whose values come while the kernel is free.

    items: any iterable, a dict (its values), a Series or a DataFrame (pandas, polars). In the template stand `{{row}}`,
    `{{row.title}}` or `{{row["a name"]}}`; without one the items are prompts. `max_cost` (USD) is for all rows;
    `keep=PATH` keeps each answer in a file, so that after a crash only what is missing is asked. `rate`: requests a
    second, instead of the account's limit; `max_concurrency`: how many at once; `rows_per_call`: how many rows in one
    request, with a schema only; those that come back wrong or not at all are asked alone. Other options as for `Chat`.
    Rows that fail are values (see `Batch`); a row in which a named value is missing (None, NaN) is not sent, and in a
    whole record, `{{row}}`, that is null. executor: a `dask.distributed.Client`, on whose workers to ask; of a Dask
    Series or DataFrame it gives a Dask DataFrame with the columns of `Batch.frame`. With `dry_run` nothing is sent: it
    gives the first request, and what all rows would cost and take. Raises InvalidInput before anything is sent.
    """
    sizes = {"max_concurrency": max_concurrency, "rows_per_call": rows_per_call}
    options = {"system": system, "rate": rate, **sizes, **options}
    if dry_run:
        return batch_dry_run(job(items, template, **options))
    if executor is not None:
        from .on_dask import map_on_dask  # its modules are an extra

        batch = map_on_dask(executor, items, template, **options)
    else:
        batch = Batch(job(items, template, **options))
    if isinstance(batch, Batch):
        batch.show() if "IPython" in sys.modules else progress_line.show(batch)
    return batch


async def amap(items: Any, template: str | None = None, **options: Any) -> Any:
    """`map`, awaited: the Batch when it has ended; a Dask collection at once.

    Raises the EdenError that ended all of it.
    """
    batch = map(items, template, **options)
    return await batch if isinstance(batch, Batch) else batch
