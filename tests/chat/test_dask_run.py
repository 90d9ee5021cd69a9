"""A run on Dask's workers, without any: what it tells its cluster and its batch, in which order."""

from __future__ import annotations

from typing import Any

from edenai_nb.chat.batch_arguments import job
from edenai_nb.chat.dask_run import DaskRun


class Cluster:
    """What a run asks of `distributed.Client`; nothing is ever finished."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def map(self, ask: Any, values: list[Any], fresh: list[bool], **how: Any) -> list[Any]:
        return [Future() for _ in values]

    def cancel(self, futures: list[Any]) -> None:
        self.told.append("cancel")


class Future:
    def add_done_callback(self, callback: Any) -> None:
        pass


def test_rows_are_cancelled_before_anybody_is_told_of_the_end_and_both_happen_once() -> None:
    cluster = Cluster()
    asked = job(["a"], "{{row}}", base_url="http://127.0.0.1:1/v3", api_key="sandbox")
    run = DaskRun(
        cluster, lambda rows, fresh: [], asked, [0], lambda row, reply: None, lambda _: cluster.told.append("end")
    )
    run.start()
    run.stop()
    run.stop()
    assert cluster.told == ["cancel", "end"]
