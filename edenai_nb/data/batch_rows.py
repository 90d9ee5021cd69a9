"""The rows of a batch: what of a list, a dict, a Series or a DataFrame is asked about one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, overload

from ..errors import InvalidInput
from . import frames

_NO_ROWS = "A batch takes rows: a list, a dict, a Series or a DataFrame, not {}; nothing was sent."
_LAZY = "This table is not computed yet: collect it first, as in items.collect(); nothing was sent."
_TWICE = "Two columns are called {}: rename one of them, so that the template can name it; nothing was sent."
_ON_DASK = (
    "The rows lie on Dask: hand its Client over as executor=, or some rows, as in items.head(100); nothing was sent."
)
_NO_FRAME = "frame() makes a pandas DataFrame: pip install pandas (or hand over a polars frame)."


@dataclass(frozen=True)
class BatchRows:
    """The rows, their labels (a pandas Index, the keys of a dict, or None: numbered from 0), and the library."""

    values: Sequence[Any]
    labels: Any = None
    library: Literal["pandas", "polars"] = "pandas"

    def frame(self, columns: Mapping[str, Sequence[Any]]) -> Any:
        """A DataFrame of the library that the rows came from, a row for each, with their labels as its index."""
        import narwhals as nw

        try:
            if self.library == "polars":
                columns = {name: _column(name, values) for name, values in columns.items()}
            native = nw.from_dict(dict(columns), backend=self.library).to_native()
        except ImportError:
            raise InvalidInput(_NO_FRAME) from None
        if self.labels is not None:
            native.index = self.labels
        return native


def batch_rows(items: Any) -> BatchRows:
    """The rows of any iterable, dict, Series or DataFrame, in order. Raises InvalidInput for what has none."""
    if is_of_dask(items):
        raise InvalidInput(_ON_DASK)
    if frames.is_of_library(items):
        return _of_library(items)
    if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
        raise InvalidInput(_NO_ROWS.format(type(items).__name__))
    if isinstance(items, Mapping):
        return BatchRows(list(items.values()), list(items))
    return BatchRows(list(items))


def is_of_dask(items: Any) -> bool:
    """Whether it is a collection of Dask, which is not read here."""
    return type(items).__module__.partition(".")[0] in ("dask", "dask_expr")


def is_missing(value: Any) -> bool:
    """True for None, NaN, NaT and NA."""
    if value is None:
        return True
    try:
        return bool(value != value)  # the one property that NaN and NaT share
    except Exception:  # pandas.NA has no truth value; arrays have several, and each library its own error
        return type(value).__name__ == "NAType"


def value_columns(
    values: Sequence[Any], taken: Collection[str], names: Sequence[str] | None = None
) -> dict[str, list[Any]]:
    """A column for each field of the values if all have fields, else one, `value`; `taken` names get an underscore.

    names: the fields, if they are not to be those that the values have.
    """
    known = [_fields(value) for value in values]
    if names is None and not all(value is None or _is_record(value) for value in values):
        names = []  # else those without fields were lost
    if names is None:
        names = list(dict.fromkeys(name for fields in known for name in fields))
    if not names:
        return {"value": list(values)}
    return {f"{name}_" if name in taken else name: [fields.get(name) for fields in known] for name in names}


def field_names(kind: Any) -> list[str]:
    """The fields of a dataclass, msgspec Struct, pydantic model or NamedTuple; none of any other type."""
    found = (
        getattr(kind, place, ()) for place in ("__dataclass_fields__", "__struct_fields__", "model_fields", "_fields")
    )
    return list(next(filter(None, found), ()))


def _fields(value: Any) -> Mapping[str, Any]:
    """The fields of a dict, dataclass, msgspec Struct, pydantic model or NamedTuple; none of anything else."""
    if isinstance(value, Mapping):
        return value
    return {name: getattr(value, name) for name in field_names(type(value))}


def _is_record(value: Any) -> bool:
    return isinstance(value, Mapping) or bool(field_names(type(value)))


def _column(name: str, values: Sequence[Any]) -> Any:
    """A column of polars, which takes one type each: of objects, where that type would lose or change a value."""
    import narwhals as nw

    if float in map(type, values):  # JSON writes 2.0 as 2
        values = [float(value) if type(value) is int else value for value in values]
    with suppress(Exception):  # polars refuses in many ways
        made = nw.new_series(name, values, backend="polars")
        if _plain(made.to_list()) == _plain(values):
            return made.to_native()
    return nw.new_series(name, values, nw.Object, backend="polars").to_native()


def _plain(value: Any) -> Any:
    """The value as polars gives it back: a record as a dict, and in it nothing for what is missing."""
    if _is_record(value):
        return {name: _plain(one) for name, one in _fields(value).items() if one is not None}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _of_library(items: Any) -> BatchRows:
    if (table := frames.read(items)) is None:
        if frames.read_lazy(items) is not None:
            raise InvalidInput(_LAZY)
        return BatchRows(list(items))
    columns = [column.to_list() for column in table.series]
    names = Counter(table.names)
    if twice := next((name for name, count in names.items() if count > 1), None):
        raise InvalidInput(_TWICE.format(twice))
    values = columns[0] if table.is_column else _Records(dict(zip(table.names, columns, strict=True)), table.rows)
    is_polars = type(table.native).__module__.startswith("polars")
    index = getattr(table.native, "index", None)
    return BatchRows(values, index, "polars" if is_polars else "pandas")


class _Records(Sequence[dict[str, Any]]):
    """The rows of a table, made when they are asked for: a dict for each of 100,000 would take much memory."""

    def __init__(self, columns: Mapping[str, Sequence[Any]], length: int) -> None:
        self._columns = columns
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(self._length))]
        return {name: values[place] for name, values in self._columns.items()}
