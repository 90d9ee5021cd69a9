"""What can be said of one column of a table, of whatever library, without a value of it or with its most frequent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

COUNTED_CELLS = 400_000  # of a table, in which different values are counted: all of a million rows take seconds
FEWEST_COUNTED_ROWS = 1_000
MOST_FREQUENT = 5
LONGEST_CATEGORY = 40  # characters


@dataclass(frozen=True)
class Column:
    """One column's facts; None for what is not known. `distinct` is counted in a sample where `in_sample` is true."""

    name: str
    type: str
    missing: int | None = None
    distinct: int | None = None
    in_sample: bool = False

    @property
    def cells(self) -> list[str]:
        """Its row in the schema."""
        more = "≥ " if self.in_sample and self.distinct else ""
        return [self.name, self.type, _number(self.missing), f"{more}{_number(self.distinct)}"]


def facts(name: str, series: Any, step: int) -> Column:
    """The facts of a narwhals Series; different values are counted in every `step`-th row. Nothing is copied."""
    counted = series if step == 1 else series.gather_every(step)
    return Column(
        name,
        type_name(series),
        _known(series.null_count),
        _known(lambda: counted.n_unique() - bool(counted.null_count())),
        in_sample=step > 1,
    )


def step_for(rows: int, columns: int) -> int:
    """Every how many rows different values are counted, so that it takes a moment. A prime: data has periods."""
    wanted = max(FEWEST_COUNTED_ROWS, COUNTED_CELLS // max(1, columns))
    return 1 if rows <= wanted else next(n for n in count(rows // wanted + 1) if _is_prime(n))


def type_name(series: Any) -> str:
    """Its type, as its library calls it; without the categories, and what fills a sparse one: these are values."""
    native = getattr(series.to_native(), "dtype", None)
    if native is not None and type(native).__name__ == "SparseDtype":
        return f"Sparse[{native.subtype}]"
    if type(native).__module__.startswith(("pandas", "numpy")):
        return str(native)
    return plain(series.dtype)


def plain(dtype: Any) -> str:
    """The name of a narwhals type, without the categories of an enum."""
    name = type(dtype).__name__ if not isinstance(dtype, type) else dtype.__name__
    if name == "Struct":
        return f"Struct({', '.join(f'{field.name}: {plain(field.dtype)}' for field in dtype.fields)})"
    if name in ("List", "Array"):
        return f"{name}({plain(dtype.inner)})"
    return name if name in ("Enum", "Categorical") else str(dtype)


def spread(series: Any) -> str:
    """The range of a column that has one: least, mean and greatest."""
    if not (series.dtype.is_numeric() or series.dtype.is_temporal()):
        return ""
    least, greatest = _known(series.min), _known(series.max)
    if least is None or greatest is None or least != least:
        return "?"
    mean = _known(series.mean) if series.dtype.is_numeric() else None
    return f"{short(least)} to {short(greatest)}" + (f", mean {short(mean)}" if mean is not None else "")


def frequent(series: Any) -> str:
    """The most frequent values of a column that has no range, with their counts; nothing where all are different."""
    if series.dtype.is_numeric() or series.dtype.is_temporal():
        return ""
    return ", ".join(f"{value} ({times:,})" for value, times in _known(lambda: list(_counted(series))) or ())


def _counted(series: Any) -> Iterator[tuple[str, int]]:
    counts = series.drop_nulls().value_counts(sort=True).head(MOST_FREQUENT)
    for value, times in counts.iter_rows():
        if times > 1:
            yield cut(str(value), LONGEST_CATEGORY), times


def cut(text: str, longest: int) -> str:
    """The text on one line, with an ellipsis where it is cut."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def short(value: Any) -> str:
    """A number with six significant digits; anything else as it is."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _known(ask: Any) -> Any:
    """What the library answers, or None where it raises: lists have no order, and objects no hash."""
    try:
        return ask()
    except Exception:  # each of the libraries raises its own
        return None


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % m for m in range(2, int(n**0.5) + 1))
