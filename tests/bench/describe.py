"""How long a table of a million rows and twenty columns takes to be described, and what it costs in memory.

    python tests/bench/describe.py

The median of five; under 500 ms are promised for a schema. The memory is the highest beside the table's own, as Python
counts it (polars counts for itself).
"""

from __future__ import annotations

import statistics
import time
import tracemalloc

import numpy as np
import pandas as pd
import polars as pl

import edenai_nb as eden

ROWS, ROUNDS = 1_000_000, 5


def columns() -> dict[str, object]:
    """Six of floats, six of whole numbers, three of times, five of texts."""
    random = np.random.default_rng(0)
    return (
        {f"float{n}": random.normal(size=ROWS) for n in range(6)}
        | {f"int{n}": random.integers(0, 1000 * 10**n, size=ROWS) for n in range(6)}
        | {f"time{n}": np.datetime64("2026-01-01", "us") + np.arange(ROWS) for n in range(3)}
        | {f"text{n}": np.array([f"name{k}" for k in random.integers(0, 10 ** (n + 1), size=ROWS)]) for n in range(5)}
    )


def main() -> None:
    data = columns()
    tables = {
        "pandas": pd.DataFrame(data),
        "pandas, object": pd.DataFrame(data).astype({f"text{n}": object for n in range(5)}),
        "polars": pl.DataFrame(data),
        "pyarrow": pl.DataFrame(data).to_arrow(),
    }
    for name, table in tables.items():
        for level in ("schema", "stats"):
            print(f"{name:>15} {level:>7} {_median(table, level) * 1000:7.0f} ms {_peak(table, level) / 1e6:6.1f} MB")


def _median(table: object, level: str) -> float:
    eden.describe(table, level)
    return statistics.median(_timed(table, level) for _ in range(ROUNDS))


def _timed(table: object, level: str) -> float:
    start = time.perf_counter()
    eden.describe(table, level)
    return time.perf_counter() - start


def _peak(table: object, level: str) -> int:
    tracemalloc.start()
    eden.describe(table, level)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    main()
