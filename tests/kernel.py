"""A real ipykernel process and what it says, as a front end sees it.

    result = kernel.run("1 + 1")              # waits until the kernel is idle again
    result.outputs[0].data["text/plain"]      # "2"

Messages are read only inside these methods. What a background thread sends later goes into the result of the cell it
belongs to: `kernel.wait(lambda: "done" in result.stdout)`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

START_S = 60.0
WAIT_S = 30.0
_POLL_S = 0.2
# ipykernel 7.4 closes what it publishes by while its control thread may still say that it has shut down: it then
# waits for ever, and the process for that thread (about 1 end in 1,000). So the thread's end is waited for first.
_END_IN_ORDER = "__import__('atexit').register(get_ipython().kernel.control_thread.join, 2)"


@dataclass
class Result:
    """What one cell has said so far.

    outputs: display_data, execute_result and error outputs as nbformat has them, updated displays included.
    reply: the content of the execute_reply, None before it.    duration_s: from sending to reply and idle.
    """

    msg_id: str
    stdout: str = ""
    stderr: str = ""
    outputs: list[NotebookNode] = field(default_factory=list)
    display_ids: list[str | None] = field(default_factory=list)  # one for each output
    reply: Mapping[str, Any] | None = None
    idle: bool = False
    started_s: float = field(default_factory=time.monotonic)
    duration_s: float | None = None

    @property
    def done(self) -> bool:
        return self.idle and self.reply is not None

    @property
    def status(self) -> str | None:
        """`ok`, `error` or `aborted`; None while it runs."""
        return self.reply["status"] if self.reply else None

    @property
    def error(self) -> str | None:
        """The class of the exception that ended the cell."""
        return self.reply.get("ename") if self.reply else None

    @property
    def error_message(self) -> str:
        return self.reply.get("evalue", "") if self.reply else ""

    @property
    def traceback(self) -> list[str]:
        """What the notebook shows of the error."""
        return next((output.traceback for output in self.outputs if output.output_type == "error"), [])

    @property
    def value(self) -> str | None:
        """The text/plain of the cell's last expression."""
        return next((o.data.get("text/plain") for o in self.outputs if o.output_type == "execute_result"), None)


@dataclass(frozen=True)
class CommMessage:
    """A message of the kernel to the front end's half of a widget; `kind` is comm_open, comm_msg or comm_close."""

    kind: str
    comm_id: str
    data: Mapping[str, Any]
    buffers: tuple[bytes, ...]


class Kernel:
    """An ipykernel process of the environment that runs the tests. `starting` returns before it answers."""

    def __init__(self, cwd: Path) -> None:
        self.comms: list[CommMessage] = []
        self._results: dict[str, Result] = {}
        self._subshell: str | None = None
        self._is_asked_to_end = False
        # Over IPC: TCP ports are chosen before the kernel binds them, and another process may be faster.
        self._folder = tempfile.TemporaryDirectory(prefix="kernel")  # a short path: sockets allow about 100 characters
        self._manager = KernelManager(kernel_name="python3", transport="ipc", ip=f"{self._folder.name}/socket")
        self._manager.start_kernel(cwd=str(cwd), extra_arguments=[f"--IPKernelApp.exec_lines={_END_IN_ORDER}"])
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._poller = zmq.Poller()
        for channel in (self._client.iopub_channel, self._client.shell_channel):
            self._poller.register(channel.socket, zmq.POLLIN)

    def ready(self) -> Kernel:
        """Wait until it answers."""
        self._client.wait_for_ready(timeout=START_S)
        return self

    # cells

    def run(
        self, code: str, *, timeout_s: float = WAIT_S, allow_stdin: bool = True, cell_id: str | None = None
    ) -> Result:
        """Run a cell to its end. `allow_stdin` is true in a front end that somebody watches, false in nbclient."""
        return self.finish(self.start(code, allow_stdin=allow_stdin, cell_id=cell_id), timeout_s)

    def start(self, code: str, *, allow_stdin: bool = True, cell_id: str | None = None) -> Result:
        """Send a cell without waiting. `cell_id` is what JupyterLab sends along."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": allow_stdin,
            "stop_on_error": True,
        }
        metadata = {} if cell_id is None else {"cellId": cell_id}
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        result = self._results[message["header"]["msg_id"]] = Result(message["header"]["msg_id"])
        self._client.shell_channel.send(message)
        return result

    def finish(self, result: Result, timeout_s: float = WAIT_S) -> Result:
        """Wait for the end of a cell that was started."""
        self.wait(lambda: result.done, timeout_s)
        return result

    def wait(self, condition: Callable[[], object], timeout_s: float = WAIT_S) -> None:
        """Read messages until the condition holds. AssertionError after the deadline."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, f"not so within {timeout_s} s; the cells said: {list(self._results.values())}"
            assert self.alive, "the kernel died"
            self._read(min(left, _POLL_S))

    # the rest of a front end

    def complete(self, code: str) -> list[str]:
        """What Tab offers at the end of this code."""
        reply = self._client.complete(code, reply=True, timeout=WAIT_S)["content"]
        return [code[: reply["cursor_start"]] + match for match in reply["matches"]]

    def ask_if_complete(self, code: str) -> None:
        """Ask as consoles do before they send a line; the answer is not waited for."""
        self._client.shell_channel.send(self._client.session.msg("is_complete_request", {"code": code}))

    def send_comm(self, comm_id: str, data: Mapping[str, Any], *, subshell: bool = False) -> None:
        """Send a message as the front end's half of a widget, over a subshell as JupyterLab 4.6 does if asked to."""
        message = self._client.session.msg("comm_msg", {"comm_id": comm_id, "data": dict(data)})
        if subshell:
            message["header"]["subshell_id"] = self._subshell = self._subshell or self._new_subshell()
        self._client.shell_channel.send(message)

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    @property
    def alive(self) -> bool:
        return bool(self._manager.is_alive())

    def ask_to_end(self) -> None:
        """Let the kernel end by itself, which takes more than a second; `shutdown` waits for it."""
        if self._manager.has_kernel and not self._is_asked_to_end:
            self._is_asked_to_end = True
            self._client.shutdown()

    def shutdown(self, timeout_s: float = 15.0) -> None:
        """Ask the kernel to end. AssertionError, and it is killed, if it has not ended in time."""
        if not self._manager.has_kernel:
            return
        self.ask_to_end()
        deadline = time.monotonic() + timeout_s
        while (alive := self.alive) and time.monotonic() < deadline:
            time.sleep(0.01)
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._folder.cleanup()
        assert not alive, f"the kernel had not ended {timeout_s} s after it was asked to"

    # reading

    def _read(self, timeout_s: float) -> None:
        if self._poller.poll(timeout_s * 1000):
            for channel in (self._client.iopub_channel, self._client.shell_channel):
                while channel.msg_ready():
                    self._hear(channel.get_msg(timeout=1))

    def _hear(self, message: Mapping[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        if kind.startswith("comm_"):
            data, buffers = content.get("data", {}), tuple(bytes(b) for b in message["buffers"])
            self.comms.append(CommMessage(kind, content["comm_id"], data, buffers))
        elif kind == "update_display_data":
            self._update(content)
        elif result := self._results.get(message["parent_header"].get("msg_id", "")):
            _add(result, message)

    def _update(self, content: Mapping[str, Any]) -> None:
        for result in self._results.values():
            for output, display_id in zip(result.outputs, result.display_ids, strict=True):
                if display_id == content["transient"]["display_id"]:
                    output.data, output.metadata = content["data"], content["metadata"]

    def _new_subshell(self) -> str:
        request = self._client.session.msg("create_subshell_request", {})
        self._client.control_channel.send(request)
        reply = self._client.get_control_msg(timeout=WAIT_S)
        return str(reply["content"]["subshell_id"])


def _add(result: Result, message: Mapping[str, Any]) -> None:
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        setattr(result, content["name"], getattr(result, content["name"]) + content["text"])
    elif kind in ("display_data", "execute_result", "error"):
        result.outputs.append(output_from_msg(message))
        result.display_ids.append(content.get("transient", {}).get("display_id"))
    elif kind == "clear_output":
        result.outputs.clear()
        result.display_ids.clear()
    elif kind == "execute_reply":
        result.reply = content
    elif kind == "status":
        result.idle = content["execution_state"] == "idle"
    if result.done and result.duration_s is None:
        result.duration_s = time.monotonic() - result.started_s
