"""`eden.map` on the workers of a Dask cluster: one pace, no key in what travels, nothing lost with a worker."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import pandas as pd
import pytest

import edenai_nb as eden
from edenai_nb import Sandbox
from edenai_nb.errors import AuthenticationFailed, InvalidInput
from edenai_nb.sandbox.script import Bill, Done, Finish, Opening, Pause, Script

KEY = "sk-eden-worker-only-0123456789"
DEADLINE_S, LOOK_S = 60.0, 5.0
WORKERS = 2  # four pass as well, where nothing else loads the machine


# A process of its own, as a real cluster has; it ends with the pipe to the tests, whatever becomes of them.
CLUSTER = """
import sys
from distributed import LocalCluster
options = {"threads_per_worker": 1, "dashboard_address": ":0", "host": "127.0.0.1"}
with LocalCluster(n_workers=int(sys.argv[1]), **options) as cluster:
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def client(clean_surroundings: Path) -> Iterator[Any]:
    from distributed import Client

    command = [sys.executable, "-c", CLUSTER, str(WORKERS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    cluster = subprocess.Popen(command, env={**os.environ, "EDENAI_API_KEY": KEY}, **pipes)
    with cluster, Client(cluster.stdout.readline().strip()) as client:
        yield client


@pytest.fixture
def server() -> Iterator[Sandbox]:
    with Sandbox(tokens_per_s=None, keys=[KEY]) as server:
        yield server


def _options(server: Sandbox, **more: Any) -> dict[str, Any]:
    return {"base_url": server.base_url, "model": "sandbox/echo", "rate": 1e3, **more}


def wait_for_workers(client: Any) -> None:
    """Wait until all run. `Client.wait_for_workers` waits for ever where one answer of the scheduler is lost."""
    until, running = time.monotonic() + DEADLINE_S, 0
    while running < WORKERS:
        assert time.monotonic() < until, f"{running} workers run"
        with suppress(TimeoutError, asyncio.TimeoutError):
            known = client.sync(client.scheduler.identity, callback_timeout=LOOK_S)["workers"].values()
            running = sum(worker["status"] == "running" for worker in known)


def test_partitions_are_mapped_where_they_lie_and_keep_their_index(client: Any, server: Sandbox) -> None:
    reviews = pd.Series([f"review {n}" for n in range(12)], index=range(100, 112), name="review")
    out = eden.map(dd.from_pandas(reviews, npartitions=3), "Say {{row}}", executor=client, **_options(server))
    assert out.npartitions == 3
    frame = out.compute()
    assert list(frame.index) == list(reviews.index)
    assert all(text in value for text, value in zip(reviews, frame["value"], strict=True))
    assert list(frame.columns) == list(out.columns) == ["value", "error", "finish_reason", "model", "cost", "tokens"]
    assert frame.dtypes.astype(str).to_dict() == out.dtypes.astype(str).to_dict()


def test_rows_of_this_process_become_a_batch_whose_failures_are_values(client: Any, server: Sandbox) -> None:
    server.enqueue(*["yes"] * 24)
    out = eden.map([*range(24), None], "Say {{row}}", executor=client, **_options(server))
    assert list(out) == ["yes"] * 24 + [None]
    assert list(out.failures) == [24]
    assert "is missing here" in str(out.failures[24])
    assert out.done
    assert len(server.requests) == 24


def test_a_schema_says_the_columns_also_where_all_rows_of_a_partition_failed(client: Any, server: Sandbox) -> None:
    @dataclass
    class Label:  # as in a notebook: the workers cannot import it
        mood: str

    server.enqueue(*['{"mood": "good"}'] * 2)
    rows = dd.from_pandas(pd.Series(["a", "b", None, None]), npartitions=2)
    out = eden.map(rows, "{{row}}", schema=Label, executor=client, **_options(server))
    assert out.columns[0] == "mood"
    assert out.compute()["mood"].fillna("").tolist() == ["good", "good", "", ""]


def test_rows_may_share_a_request_on_the_workers_too(client: Any, server: Sandbox) -> None:
    @dataclass
    class Label:
        mood: str

    said = [{"id": number, "value": {"mood": f"mood {number}"}} for number in (1, 2, 3)]
    server.enqueue(*[json.dumps({"answers": said})] * 2)
    rows = dd.from_pandas(pd.Series(list("abcdef")), npartitions=2)
    options = _options(server, schema=Label, rows_per_call=3)
    out = eden.map(rows, "{{row}}", executor=client, **options)
    assert out.compute()["mood"].tolist() == ["mood 1", "mood 2", "mood 3"] * 2
    assert len(server.requests) == 2
    server.enqueue(json.dumps({"answers": said}))
    batch = eden.map(list("abc"), "{{row}}", executor=client, **options)
    assert [value.mood for value in batch] == ["mood 1", "mood 2", "mood 3"]
    assert len(server.requests) == 3


def test_the_limit_holds_over_all_workers_together(client: Any) -> None:
    """The sandbox refuses the eleventh request of any second."""
    with Sandbox(tokens_per_s=None, keys=[KEY], rate=10) as server:
        rows = dd.from_pandas(pd.Series(range(30)), npartitions=4)
        frame = eden.map(rows, "{{row}}", executor=client, **_options(server, rate=10)).compute()
        assert frame["error"].isna().all()
        assert len(server.requests) <= 31  # one may have been late; without a common limit half of them are refused
        workers = client.run(lambda: None)
    assert len(workers) == WORKERS


def test_the_key_is_in_nothing_that_travels_and_prompts_are_in_no_log(
    client: Any, server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cloudpickle

    travelled: list[Any] = []
    persist = client.persist
    monkeypatch.setattr(client, "persist", lambda made: travelled.append(made) or persist(made))
    eden.configure(api_key="sk-eden-of-this-kernel-0123456789", base_url=server.base_url)
    try:
        secret = dd.from_pandas(pd.Series(["a very private row"]), npartitions=1)
        out = eden.map(secret, "My template {{row}}", executor=client, model="sandbox/echo")
        assert "a very private row" in out.compute()["value"].iloc[0]  # answered: the key of the workers was used
    finally:
        eden.configure(api_key=None, base_url=None)
    graph = travelled[0].optimize().__dask_graph__()
    assert b"My template" in cloudpickle.dumps(graph)  # the right thing was looked into
    assert b"sk-eden" not in cloudpickle.dumps(graph)
    assert "sk-eden" not in repr(graph)
    with Sandbox(keys=["sk-eden-another-0123456789"]) as other:
        refused = eden.map(secret, "My template {{row}}", executor=client, **_options(other))
        with pytest.raises(AuthenticationFailed):
            refused.compute()
        with pytest.raises(AuthenticationFailed):
            eden.map(["a very private row"], "My template {{row}}", executor=client, **_options(other)).wait()
    logged = json.dumps([client.get_worker_logs(), client.get_scheduler_logs()])
    assert "Compute Failed" in logged
    assert not [word for word in ("sk-eden", "My template", "very private") if word in logged]


def test_a_batch_that_is_stopped_sends_nothing_more(client: Any, server: Sandbox) -> None:
    server.enqueue(*[Script((Opening(), Pause(0.02), "x", Finish(), Bill(), Done()))] * 200)
    out = eden.map(range(200), "{{row}}", executor=client, max_concurrency=1, **_options(server))
    server.wait_for_requests(3, DEADLINE_S)
    out.stop()
    assert out.stopped
    after = [client.submit(str, workers=[worker], pure=False) for worker in client.run(str)]
    client.gather(after)  # each has one thread, so that what it was asked before has ended
    assert len(server.requests) < 40  # the tasks that ran have 20 rows each


def test_a_worker_that_is_killed_loses_only_the_rows_in_flight(client: Any, server: Sandbox, tmp_path: Path) -> None:
    server.enqueue(*[Script((Opening(), Pause(0.05), "x", Finish(), Bill(), Done()))] * 80)
    rows = dd.from_pandas(pd.Series(range(40)), npartitions=4)
    out = eden.map(rows, "{{row}}", executor=client, keep=str(tmp_path / "kept"), max_concurrency=2, **_options(server))
    server.wait_for_requests(12, DEADLINE_S)
    pids = client.run(os.getpid)
    os.kill(next(iter(pids.values())), signal.SIGKILL)
    frame = out.compute()
    assert frame["value"].tolist() == ["x"] * 40
    assert len(server.requests) <= 40 + 2
    wait_for_workers(client)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"executor": "threads"}, "takes a dask.distributed.Client, not str"),
        ({"max_cost": 1.0}, "max_cost holds within one process"),
        ({"api_key": KEY}, "the key does not travel"),
        ({"dry_run": True}, r"items\.head\(100\)"),
        ({"executor": None}, "hand its Client over as executor="),
    ],
)
def test_what_cannot_be_held_to_is_refused_in_one_line(client: Any, options: dict[str, Any], said: str) -> None:
    rows = dd.from_pandas(pd.Series(["a"]), npartitions=1)
    with pytest.raises(InvalidInput, match=said):
        eden.map(rows, "{{row}}", **{"executor": client, **options})


def test_a_missing_dask_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidInput, match=r"pip install .edenai-nb\[dask\]"):
        eden.map(["a"], "{{row}}", executor=object())
