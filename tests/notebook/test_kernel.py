"""The kernel fixture itself: what the other tests rely on."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

import edenai_nb

from ..kernel import Kernel

ECHO = """
from ipywidgets import IntSlider
import threading
heard = threading.Event()
slider = IntSlider()
slider.on_msg(lambda widget, content, buffers: heard.set())
slider
"""


def test_a_cell_runs_in_the_python_and_with_the_package_of_the_tests(kernel: Kernel) -> None:
    result = kernel.run("import sys, edenai_nb; print(sys.executable); print(edenai_nb.__file__)")

    assert result.stdout.splitlines() == [sys.executable, edenai_nb.__file__]
    assert (result.status, result.error, result.outputs) == ("ok", None, [])
    assert result.duration_s is not None


def test_values_displays_and_errors_are_told_apart(kernel: Kernel) -> None:
    result = kernel.run("import sys; display('shown'); print('oh', file=sys.stderr); 40 + 2")
    assert result.value == "42"
    assert [output.output_type for output in result.outputs] == ["display_data", "execute_result"]
    assert result.stderr == "oh\n"

    failed = kernel.run("1 / 0")
    assert (failed.status, failed.error, failed.error_message) == ("error", "ZeroDivisionError", "division by zero")
    assert "ZeroDivisionError" in failed.traceback[-1]


def test_a_late_update_lands_in_the_cell_that_displayed(kernel: Kernel) -> None:
    shown = kernel.run("handle = display('before', display_id=True)")
    kernel.run(
        "import threading, time\n"
        "def later():\n"
        "    time.sleep(0.2); handle.update('after')\n"
        "threading.Thread(target=later).start()"
    )
    kernel.wait(lambda: shown.outputs[0].data["text/plain"] == "'after'")
    assert len(shown.outputs) == 1


def test_a_started_cell_can_be_interrupted_and_the_next_is_aborted(kernel: Kernel) -> None:
    sleeper = kernel.start("print('asleep'); import time; time.sleep(600)")
    queued = kernel.start("1")
    kernel.wait(lambda: "asleep" in sleeper.stdout)

    kernel.interrupt()

    assert kernel.finish(sleeper).error == "KeyboardInterrupt"
    assert kernel.finish(queued).status == "aborted"


def test_the_request_says_whether_somebody_watches_and_in_which_cell(kernel: Kernel) -> None:
    ask = "ip = get_ipython(); ip.kernel._allow_stdin, ip.get_parent()['metadata'].get('cellId')"
    assert kernel.run(ask).value == "(True, None)"
    assert kernel.run(ask, allow_stdin=False, cell_id="c1").value == "(False, 'c1')"


@pytest.mark.parametrize("subshell", [False, True])
def test_widgets_open_their_comms_and_hear_the_front_end(kernel: Kernel, subshell: bool) -> None:
    kernel.run(ECHO)
    opened = [comm for comm in kernel.comms if comm.data.get("state", {}).get("_view_name") == "IntSliderView"]
    assert [comm.kind for comm in opened] == ["comm_open"]

    kernel.send_comm(opened[0].comm_id, {"method": "custom", "content": {}}, subshell=subshell)

    assert kernel.run("heard.wait(20)").value == "True"


def test_every_kernel_is_a_fresh_one_and_shutdown_ends_it(new_kernel: Callable[[], Kernel]) -> None:
    first, second = new_kernel(), new_kernel()
    first.run("x = 1")
    assert second.run("x").error == "NameError"

    first.shutdown()
    assert not first.alive
    with pytest.raises(AssertionError, match="the kernel died"):
        second.run("import os; os._exit(1)")


def test_a_kernel_that_does_not_end_fails_the_test(new_kernel: Callable[[], Kernel]) -> None:
    stuck = new_kernel()
    stuck.run("import atexit, time; atexit.register(time.sleep, 600)")
    with pytest.raises(AssertionError, match="had not ended"):
        stuck.shutdown(timeout_s=2)
