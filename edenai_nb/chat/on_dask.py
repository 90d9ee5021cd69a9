"""A batch on the workers of a Dask cluster: partitions are asked about where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any
from uuid import uuid4

from .. import settings as _settings
from ..data.batch_rows import field_names, is_of_dask
from ..data.row_template import RowTemplate
from ..errors import InvalidInput
from ..reply import Reply
from ..settings import KEY_LENGTH, Settings
from .batch import Batch, whole
from .batch_arguments import job, unchecked_job
from .batch_job import Job
from .dask_pace import DaskPace
from .dask_run import DaskRun

_NO_DASK = 'executor= needs Dask: pip install "edenai-nb[dask]"; nothing was sent.'
_NO_CLIENT = "executor takes a dask.distributed.Client, not {}; nothing was sent."
_NO_KEYS = (
    "With executor= the key does not travel: leave api_key out, and set EDENAI_API_KEY (or the keyring) on the "
    "workers; nothing was sent."
)
_NO_MONEY = "{} holds within one process, not over the workers of executor=: leave one of them out; nothing was sent."
_LIMITS = ("max_cost", "budget", "budget_day", "budget_month")
_FACTS = {"error": object, "finish_reason": object, "model": object, "cost": "float64", "tokens": "Int64"}


def map_on_dask(client: Any, items: Any, template: str | RowTemplate | None, **options: Any) -> Any:
    """`map` on the workers of `client`: of a Dask Series or DataFrame a Dask DataFrame, being computed; else a Batch.

    Raises InvalidInput before anything is sent, for what cannot be held to over several processes, too.
    """
    _check_client(client)
    is_dask = is_of_dask(items)
    asked = unchecked_job([] if is_dask else items, template, **options)
    asked.base.check_secrets()
    chosen = asked.base.settings
    if limits := [name for name in _LIMITS if getattr(chosen, name) < inf]:
        raise InvalidInput(_NO_MONEY.format(limits[0]))
    if len(options.get("api_key") or "") >= KEY_LENGTH:
        raise InvalidInput(_NO_KEYS)
    ask = _Ask(template, {**_params(options), **_travelling(chosen)})
    if is_dask:
        return client.persist(_mapped(items, ask, _fields(options.get("schema"), asked)))
    return Batch(asked, partial(DaskRun, client, ask.replies))


@dataclass(frozen=True)
class _Ask:
    """What each partition is asked; it travels to the workers, and Dask writes its repr into logs: it shows nothing."""

    template: str | RowTemplate | None = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    run: str = field(default_factory=lambda: uuid4().hex, repr=False)  # else Dask takes the same for done already

    def replies(self, rows: Sequence[Any], fresh: bool) -> list[Reply]:
        """What came of each row; `fresh`: kept answers do not count. Raises the EdenError that ended them all."""
        more = {"fresh": True} if fresh else {}
        return whole(self._batch(rows, **more).wait().replies)

    def frame(self, partition: Any, fields: Sequence[str], types: Mapping[str, Any]) -> Any:
        """A pandas DataFrame with these columns, a row for each. Raises the EdenError that ended them all."""
        return self._batch(partition).frame(fields).astype(dict(types))

    def _batch(self, rows: Any, **more: Any) -> Batch:
        asked = job(rows, self.template, **{**self.options, **more})
        return Batch(replace(asked, gate=DaskPace(asked.base.settings)))


def _check_client(client: Any) -> None:
    try:
        from distributed import Client
    except ImportError:
        raise InvalidInput(_NO_DASK) from None
    if not isinstance(client, Client):
        raise InvalidInput(_NO_CLIENT.format(type(client).__name__))


def _params(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are no settings; `rate` is one by another name."""
    return {name: value for name, value in _settings.split(options)[1].items() if name != "rate"}


def _travelling(chosen: Settings) -> dict[str, Any]:
    """All settings but the key; a sandbox's goes along: it is an ordinary word, and the workers' own must not."""
    known = {name: getattr(chosen, name) for name in _settings.NAMES - {"api_key"}}
    if chosen.keep:
        known["keep"] = str(Path(chosen.keep).expanduser().absolute())
    is_word = chosen.is_local and 0 < len(chosen.api_key) < KEY_LENGTH
    return {**known, "api_key": str(chosen.api_key)} if is_word else known


def _fields(schema: Any, asked: Job) -> list[str]:
    """The columns that values are spread over; none if each is one `value`."""
    source = asked.base.schema.source if asked.base.schema else {}
    return field_names(schema) or list(source.get("properties") or ())


def _mapped(items: Any, ask: _Ask, fields: list[str]) -> Any:
    import pandas  # type: ignore[import-untyped]

    names = [f"{name}_" if name in _FACTS else name for name in fields] or ["value"]
    types = {**dict.fromkeys(names, object), **_FACTS}
    meta = pandas.DataFrame({name: pandas.Series(dtype=kind) for name, kind in types.items()})
    return items.map_partitions(ask.frame, fields, types, meta=meta)
