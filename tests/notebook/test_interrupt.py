"""■: what waits is interrupted in one line, and an idle kernel stops what streams."""

from __future__ import annotations

import signal

import pytest

from edenai_nb.errors import Interrupted
from edenai_nb.notebook.variables import MOMENT_S
from edenai_nb.reply import Reply
from edenai_nb.sandbox import Opening, Sandbox, Script, Stall

from ..kernel import Kernel, Result
from .test_magic import gated

WIDGET = "application/vnd.jupyter.widget-view+json"
# Printed by the loop, which turns only once the cell waits: an interrupt before that would stop the cell alone.
TELL = "import asyncio; asyncio.get_running_loop().call_soon(print, 'waiting')\n"
TEXT = "x" * 1262
STOP = {"method": "custom", "content": {"kind": "stop"}}


def stalled(sandbox: Sandbox, text: str = TEXT) -> None:
    sandbox.enqueue(Script.raw(Opening(), text, Stall()))


def streaming(notebook: Kernel, sandbox: Sandbox, cell: str = "%%edenchat plan --once\nhi") -> None:
    """Run a cell whose answer has arrived as far as it will come."""
    stalled(sandbox)
    result = notebook.run(cell)
    assert result.status == "ok"
    # In a frame, or in two, or as the text that a view gets which no page has opened by then.
    notebook.wait(lambda: any(TEXT in str(said) for said in (*(m.data for m in notebook.comms), *result.outputs)))


def interrupted(notebook: Kernel, sandbox: Sandbox, cell: str) -> Result:
    """Interrupt a cell once it waits and everything has arrived."""
    result = notebook.start(cell)
    notebook.wait(lambda: "waiting" in result.stdout and sandbox.requests)
    notebook.interrupt()
    return notebook.finish(result)


def test_an_interrupt_of_a_waiting_cell_is_one_line_that_says_what_is_kept_and_where(
    notebook: Kernel, sandbox: Sandbox
) -> None:
    streaming(notebook, sandbox)
    result = interrupted(notebook, sandbox, f"{TELL}print(plan)")
    assert result.traceback == ["Interrupted: `plan` was stopped after 1,262 characters; they are kept in `plan`."]
    assert notebook.run("print(len(plan), plan.complete)").stdout == "1262 False\n"
    assert sandbox.requests[0].client_gone.wait(5)


@pytest.mark.parametrize(
    ("cell", "kept_in"),
    [
        ("eden.ask('hi')", "the `.partial` of this exception"),
        ("eden.Chat().send('hi').wait()", "the `.partial` of this exception"),
        ("%edenchat -o plan --once say hi to me", "`plan`"),
        ("%edenchat -q --once say hi to me", "`_eden`"),
    ],
)
def test_every_wait_is_interrupted_in_one_line(notebook: Kernel, sandbox: Sandbox, cell: str, kept_in: str) -> None:
    stalled(sandbox)
    arrived = "import edenai_nb.chat.running as t, threading, time\n" + TELL
    watch = (
        "def tell():\n"
        f"    while not any(len(turn.reply) == {len(TEXT)} for turn in list(t._running)): time.sleep(0.01)\n"
        "    print('arrived', flush=True)\n"
        "threading.Thread(target=tell, daemon=True).start()\n"
    )
    result = notebook.start(arrived + watch + cell)
    notebook.wait(lambda: "waiting" in result.stdout and "arrived" in result.stdout)
    notebook.interrupt()
    notebook.finish(result)
    assert result.error == "Interrupted"
    assert len(result.traceback) == 1
    assert result.traceback[0].endswith(f"was stopped after 1,262 characters; they are kept in {kept_in}.")


def test_it_is_a_keyboard_interrupt_for_the_users_own_code_and_holds_what_had_arrived(
    notebook: Kernel, sandbox: Sandbox
) -> None:
    streaming(notebook, sandbox, "%%edenchat plan --once\nhi")
    cell = f"{TELL}try:\n    print(plan)\nexcept KeyboardInterrupt as stop:\n    print(len(stop.partial))"
    result = interrupted(notebook, sandbox, cell)
    assert (result.status, result.stdout.splitlines()[-1]) == ("ok", "1262")


@pytest.mark.parametrize(
    ("partial", "told"),
    [
        (Reply("abc"), "`a` was stopped after 3 characters; they are kept in `a`."),
        (Reply("a"), "`a` was stopped after one character; they are kept in `a`."),
        (Reply(), "`a` was stopped before its first word."),
        (Reply("abc", complete=True), "`a` had ended already; it is in `a`."),
        ({"x": 1}, "`a` was stopped; what had arrived is kept in `a`."),
    ],
)
def test_the_line_says_how_far_it_came(partial: object, told: str) -> None:
    assert str(Interrupted("`a`", partial, "`a`")) == told


def test_an_interrupt_of_an_idle_kernel_stops_everything_that_streams(notebook: Kernel, sandbox: Sandbox) -> None:
    streaming(notebook, sandbox)
    stalled(sandbox)
    notebook.run("turn = eden.Chat().send('hi')")
    notebook.interrupt()
    assert sandbox.requests[0].client_gone.wait(10)
    # The second may have been stopped before it was sent, and just after the first.
    assert notebook.run("print(turn.wait(10).complete, turn.state)").stdout == "False stopped\n"
    assert notebook.run("print(len(plan), plan.complete)").stdout == "1262 False\n"
    assert all(request.client_gone.wait(10) for request in sandbox.requests)


def test_an_interrupt_of_a_busy_cell_stops_that_cell_and_no_answer(notebook: Kernel, sandbox: Sandbox) -> None:
    streaming(notebook, sandbox)
    busy = notebook.start("print('busy'); import time; time.sleep(600)")
    notebook.wait(lambda: "busy" in busy.stdout)
    notebook.interrupt()
    assert notebook.finish(busy).error == "KeyboardInterrupt"
    assert (
        notebook.run("'plan' in globals(), get_ipython().kernel.saved_sigint_handler.__name__").value
        == "(False, '_stop')"
    )
    notebook.interrupt()
    assert sandbox.requests[0].client_gone.wait(10)


def test_an_interrupt_of_an_idle_kernel_with_nothing_to_stop_changes_nothing(notebook: Kernel) -> None:
    notebook.interrupt()
    assert notebook.run("1 + 1").value == "2"


def test_unloading_leaves_the_kernels_own_handler(kernel: Kernel) -> None:
    now = "import signal; print(get_ipython().kernel.saved_sigint_handler, get_ipython().events.callbacks)"
    before = kernel.run(now).stdout
    kernel.run("%load_ext edenai_nb")
    assert kernel.run(now).stdout != before
    kernel.run("%unload_ext edenai_nb")
    assert kernel.run(now).stdout == before


def test_a_kernel_without_that_attribute_and_other_threads_are_left_alone() -> None:
    from threading import Thread

    from edenai_nb.notebook.interrupt import IdleInterrupt

    class Kernel:
        pass

    kernel = Kernel()
    for owner in (None, kernel):
        idle = IdleInterrupt(owner)
        idle.install()
        idle.remove()
    assert vars(kernel) == {}
    kernel.saved_sigint_handler = signal.SIG_IGN  # type: ignore[attr-defined]
    thread = Thread(target=IdleInterrupt(kernel).install)
    thread.start()
    thread.join()
    assert vars(kernel) == {"saved_sigint_handler": signal.SIG_IGN}


# The line of a waiting cell


def waiting_line(notebook: Kernel, cell: Result) -> str:
    """Wait until the cell shows what it waits for; gives the widget's id."""
    notebook.wait(lambda: any(WIDGET in output.data for output in cell.outputs))
    return str(cell.outputs[-1].data[WIDGET]["model_id"])


def state(notebook: Kernel, comm_id: str) -> dict[str, object]:
    opened = [m for m in notebook.comms if m.comm_id == comm_id and m.kind == "comm_open"]
    return dict(opened[0].data["state"])


def test_a_waiting_cell_says_for_what_and_the_line_goes_when_it_goes_on(notebook: Kernel, sandbox: Sandbox) -> None:
    gate = gated(sandbox)
    notebook.run("%%edenchat plan -q --once\nhi")
    cell = notebook.start("print('before')\nprint(plan)")
    line = state(notebook, waiting_line(notebook, cell))
    assert line["variable"] == "plan"
    assert line["model"]
    assert float(str(line["elapsed_s"])) >= MOMENT_S
    gate.set()
    notebook.finish(cell)
    assert cell.stdout == "before\nThe first half, the rest.\n"
    assert [output.data for output in cell.outputs] == [{"text/html": "", "text/plain": ""}]
    closed = {m.comm_id for m in notebook.comms if m.kind == "comm_close"}
    assert {m.comm_id for m in notebook.comms if m.kind == "comm_open"} <= closed


def test_stop_in_the_line_stops_the_answer_and_the_cell_goes_on(notebook: Kernel, sandbox: Sandbox) -> None:
    streaming(notebook, sandbox)
    cell = notebook.start("print(len(plan), plan.complete)")
    notebook.send_comm(waiting_line(notebook, cell), STOP, subshell=True)
    assert notebook.finish(cell).stdout == "1262 False\n"


def test_a_moment_of_waiting_and_a_headless_cell_show_no_line(notebook: Kernel, sandbox: Sandbox) -> None:
    sandbox.enqueue(Script.text("quick"))
    notebook.run("%%edenchat plan -q --once\nhi")
    assert notebook.run("print(plan)").outputs == []
    gate = gated(sandbox)
    notebook.run("variables = get_ipython().magics_manager.registry['EdenMagics'].session.variables")
    notebook.run("turn = eden.Chat().send('hi'); variables.expect('other', turn)")
    cell = notebook.start(
        "import threading; threading.Timer(1, print, ['late']).start()\nprint(other)", allow_stdin=False
    )
    notebook.wait(lambda: "late" in cell.stdout)
    gate.set()
    assert notebook.finish(cell).outputs == []
