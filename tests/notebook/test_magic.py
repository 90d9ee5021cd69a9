"""%%edenchat in a real kernel, against the sandbox over real sockets."""

from __future__ import annotations

import re
import threading

import pytest

from edenai_nb.sandbox import Gate, HangUp, Opening, Sandbox, Script, Stall

from ..kernel import Kernel, Result

TEXT = "# Title\n\nThe **whole** text, to its end."


def gated(sandbox: Sandbox, before: str = "The first half", after: str = ", the rest.") -> threading.Event:
    """The next answer stops in the middle until the event is set."""
    gate = threading.Event()
    text = Script.text(after).steps[1:]
    sandbox.enqueue(Script.raw(Opening(), before, Gate(gate), *text))
    return gate


def saved(kernel: Kernel, result: Result) -> dict[str, str]:
    """The MIME bundle that replaces the live view."""
    kernel.wait(lambda: result.outputs and "complete" in result.outputs[0].metadata.get("edenai_nb", {}))
    return dict(result.outputs[0].data)


def prompts(sandbox: Sandbox) -> list[list[str]]:
    """The contents of the messages of each request."""
    return [[message["content"] for message in request.json["messages"]] for request in sandbox.requests]


# The kernel stays free, and names are waited for.


def test_the_kernel_is_free_while_an_answer_streams_and_a_cell_that_needs_it_waits(notebook, sandbox):
    gate = gated(sandbox)
    assert notebook.run("%%edenchat ans\nhello").status == "ok"
    assert notebook.run("1 + 1").value == "2"
    waiting = notebook.start("print(ans, ans.complete)")
    gate.set()
    assert notebook.finish(waiting).stdout == "The first half, the rest. True\n"


@pytest.mark.parametrize(
    "cell",
    [
        "print(ans)",
        "f()",
        "%time print(ans)",
        "exec('print(1)'); print(f'{ans}')",
        "ans += '!'\nprint(ans)",
        "from __future__ import annotations\nprint(ans)",
        "import asyncio; await asyncio.sleep(0); print(ans)",
        "Shout().now()",
        "print(_eden)",
    ],
)
def test_every_way_to_mention_a_pending_name_waits(notebook, sandbox, cell):
    notebook.run("def f(): print(ans)\nclass Shout:\n    def now(self): g()\ndef g(): f()")
    gate = gated(sandbox)
    notebook.run("%%edenchat ans\nhello")
    waiting = notebook.start(cell)
    notebook.wait(lambda: not waiting.idle)
    gate.set()
    assert "The first half, the rest." in notebook.finish(waiting).stdout


def test_a_name_that_only_looks_alike_does_not_wait(notebook, sandbox):
    gate = gated(sandbox)
    notebook.run("class Box: ans = 1\nbox = Box()\ndef f(): return box.ans")
    notebook.run("%%edenchat ans\nhello")
    assert notebook.run("answer = 'ans'; f()").value == "1"
    gate.set()
    notebook.run("ans")


def test_a_cell_that_overwrites_a_pending_name_wins(notebook, sandbox):
    gate = gated(sandbox)
    notebook.run("%%edenchat ans\nhello")
    overwriting = notebook.start("ans = 'mine'")
    gate.set()
    notebook.finish(overwriting)
    assert notebook.run("ans").value == "'mine'"


def test_a_prompt_that_needs_a_pending_answer_waits_and_prose_does_not(notebook, sandbox):
    gate = gated(sandbox)
    notebook.run("%%edenchat ans --once\nhello")
    sandbox.wait_for_requests(1, 10)
    notebook.run("%%edenchat other --once\nAbout ans in prose")
    waiting = notebook.start("%%edenchat third --once -m sandbox/echo\nUse {{ans}}!")
    gate.set()
    notebook.finish(waiting)
    assert notebook.run("third").outputs[0].data["text/plain"] == "Use The first half, the rest.!"


def test_the_users_own_tasks_go_on_while_a_cell_waits(notebook, sandbox):
    # The stream is stopped by the user's own task: a cell that blocked the loop would wait for ever.
    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
    notebook.run("turn = eden.Chat().send('hello')")
    sandbox.wait_for_requests(1, 10)
    notebook.run("import asyncio\nasync def later(): await asyncio.sleep(0.1); turn.stop()")
    assert notebook.run("task = asyncio.ensure_future(later()); print(turn.wait().complete)").stdout == "False\n"


def test_run_all_and_a_headless_run_give_the_same_variables(new_kernel, sandbox):
    values = []
    for watched in (True, False):
        kernel = new_kernel()
        kernel.run(
            "%load_ext edenai_nb\nimport edenai_nb as eden\n"
            f"eden.configure(base_url={sandbox.base_url!r}, api_key='sandbox')"
        )
        cells = ["%%edenchat a\nexplain", "%%edenchat b -c other -m sandbox/echo\n{{a[:20]}}", "c = a + b"]
        sandbox.enqueue(TEXT)
        started = [kernel.start(cell, allow_stdin=watched) for cell in cells]
        for result in started:
            assert kernel.finish(result).status == "ok"
        values.append(kernel.run("print(repr(a), repr(b), repr(c), a.cost, b.finish_reason)").stdout)
    assert values[0] == values[1]


def test_where_nobody_watches_the_cell_waits_and_holds_the_saved_output(notebook, sandbox):
    sandbox.enqueue(TEXT)
    result = notebook.run("%%edenchat ans\nhello", allow_stdin=False)
    assert result.outputs[0].data["text/plain"] == TEXT


# What is shown, and what is saved.


def test_the_output_becomes_ordinary_and_nothing_of_the_widget_is_left(notebook, sandbox):
    sandbox.enqueue(TEXT)
    result = notebook.run("%%edenchat ans\nhello")
    data = saved(notebook, result)
    assert data["text/plain"] == data["text/markdown"] == TEXT
    assert "<strong>whole</strong>" in data["text/html"]
    facts = result.outputs[0].metadata["edenai_nb"]
    assert facts["complete"] is True
    assert facts["cost"] > 0
    assert "hello" not in str(facts)
    opened = {message.comm_id for message in notebook.comms if message.kind == "comm_open"}
    (view,) = (m.comm_id for m in notebook.comms if m.kind == "comm_open" and "_esm" in m.data["state"])
    notebook.send_comm(view, {"method": "custom", "content": {"kind": "replaced"}})  # as a page says it
    notebook.wait(lambda: opened == {m.comm_id for m in notebook.comms if m.kind == "comm_close"})
    threads = "import threading; [t.name for t in threading.enumerate() if t.name.startswith('edenai')]"
    notebook.wait(lambda: notebook.run(threads).value == "[]")


def test_the_whole_answer_is_sent_once_at_its_end_and_again_to_a_page_that_missed_it(notebook, sandbox):
    sandbox.enqueue(TEXT)
    result = notebook.run("%%edenchat ans\nhello")
    html = saved(notebook, result)["text/html"]
    (view,) = (m.comm_id for m in notebook.comms if m.kind == "comm_open" and "_esm" in m.data["state"])

    def told():
        return [m.data["content"] for m in notebook.comms if m.data.get("content", {}).get("kind") == "saved"]

    notebook.wait(told)
    assert told() == [{"kind": "saved"}]
    notebook.send_comm(view, {"method": "custom", "content": {"kind": "missed"}})
    notebook.wait(lambda: len(told()) == 2)
    assert told()[1]["data"]["text/html"] == html


def test_two_cells_stream_at_once_into_their_own_outputs(notebook, sandbox):
    gates = [gated(sandbox, name, f" {name}") for name in ("one", "two")]
    cells = [notebook.run("%%edenchat a --once\nx"), notebook.run("%%edenchat b --once\nx")]
    sandbox.wait_for_requests(2, 10)
    for gate in gates:
        gate.set()
    assert sorted(saved(notebook, cell)["text/plain"] for cell in cells) == ["one one", "two two"]
    assert notebook.run("sorted([str(a), str(b)])").value == "['one one', 'two two']"


def test_a_late_or_second_view_gets_the_whole_page(notebook, sandbox):
    gate = gated(sandbox, "# Half\n\n")
    notebook.run("%%edenchat ans\nhello")
    view = next(m for m in notebook.comms if m.kind == "comm_open" and "_esm" in m.data["state"])
    notebook.wait(lambda: any("Half" in str(m.data) for m in notebook.comms))
    seen = len(notebook.comms)
    notebook.send_comm(view.comm_id, {"method": "custom", "content": {"kind": "hello"}})
    notebook.wait(lambda: any("Half" in str(m.data) and "[0, 0," in str(m.data) for m in notebook.comms[seen:]))
    gate.set()
    notebook.run("ans")


def test_a_page_that_a_busy_kernel_hears_late_gets_text_meanwhile_and_the_widget_then(notebook, sandbox):
    gate = gated(sandbox)
    result = notebook.run("%%edenchat ans\nhello")
    id = result.outputs[0].metadata["edenai_nb"]["view"]  # of the widget that a page puts there
    view = next(m for m in notebook.comms if m.kind == "comm_open" and m.comm_id == id)

    busy = notebook.start("import threading; threading.Event().wait(60)")
    notebook.send_comm(view.comm_id, {"method": "custom", "content": {"kind": "hello"}})
    notebook.wait(lambda: "The first half" in result.outputs[0].data.get("text/markdown", ""))
    notebook.interrupt()
    notebook.finish(busy)
    widget = "application/vnd.jupyter.widget-view+json"
    notebook.wait(lambda: result.outputs[0].data.get(widget, {}).get("model_id") == id)

    gate.set()
    assert saved(notebook, result)["text/plain"] == "The first half, the rest."


def test_quiet_shows_nothing_and_binds_the_name(notebook, sandbox):
    sandbox.enqueue(TEXT)
    result = notebook.run("%%edenchat ans -q\nhello")
    assert notebook.run("print(ans)").stdout == TEXT + "\n"
    assert [output.data for output in result.outputs] == [{}]


def test_quiet_or_not_a_failure_is_seen(notebook, sandbox):
    sandbox.enqueue(Script.error(402, {"error": {"message": "no credits", "type": "insufficient_quota"}}))
    result = notebook.run("%%edenchat ans -q\nhello")
    notebook.wait(lambda: "text/html" in result.outputs[0].data)
    assert "edenai-is-error" in result.outputs[0].data["text/html"]


def test_a_reply_is_shown_formatted_and_prints_as_its_text(notebook, sandbox):
    sandbox.enqueue(TEXT)
    result = notebook.run("x = %edenchat why is this slow?")
    assert prompts(sandbox) == [["why is this slow?"]]
    assert len(result.outputs) == 1
    assert "<strong>" in notebook.run("x").outputs[0].data["text/html"]
    assert notebook.run("print(x)").stdout == TEXT + "\n"


def test_a_line_as_the_last_expression_shows_its_answer_once(notebook, sandbox):
    sandbox.enqueue(TEXT)
    assert len(notebook.run("%edenchat why?").outputs) == 1


@pytest.mark.parametrize("widget", ["HTML", "Output"])
def test_a_turn_streams_into_a_widget_that_the_user_has(notebook, sandbox, widget):
    sandbox.enqueue(TEXT)
    notebook.run(
        f"import ipywidgets\nbox = ipywidgets.{widget}()\nturn = eden.Chat().send('hi')\nview = turn.show(into=box)"
    )
    notebook.run("turn.wait(); view.shown.wait(10)")
    assert "<strong>whole</strong>" in notebook.run("print(getattr(box, 'value', None) or box.outputs)").stdout


# Stopping.


def test_stop_before_the_first_token_binds_an_empty_reply_and_hangs_up(notebook, sandbox):
    sandbox.enqueue(Script.raw(Stall()))
    result = notebook.run("%%edenchat ans\nhello")
    (request,) = sandbox.wait_for_requests(1, 10)
    assert notebook.run("%edenchat stop ans").status == "ok"
    assert request.client_gone.wait(5)
    assert notebook.run("print(repr(str(ans)), ans.complete)").stdout == "'' False\n"
    assert "Stopped." in saved(notebook, result)["text/html"]


@pytest.mark.parametrize("command", ["stop", "wait"])
def test_a_name_that_nothing_answers_is_said_to_be_unknown(shared_notebook, command):
    result = shared_notebook.run(f"%edenchat {command} anwser")
    assert (result.error, result.error_message) == ("InvalidInput", "Nothing called 'anwser' is being answered.")


@pytest.mark.parametrize("subshell", [False, True])
def test_the_stop_button_keeps_the_text_and_a_second_click_changes_nothing(notebook, sandbox, subshell):
    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
    result = notebook.run("%%edenchat ans\nhello")
    view = next(m for m in notebook.comms if m.kind == "comm_open" and "_esm" in m.data["state"])
    notebook.wait(lambda: any("So far" in str(m.data) for m in notebook.comms))
    for _ in range(2):
        notebook.send_comm(view.comm_id, {"method": "custom", "content": {"kind": "stop"}}, subshell=subshell)
    assert saved(notebook, result)["text/plain"] == "So far\n\n[Stopped. The text so far is kept.]"
    assert sandbox.requests[0].client_gone.wait(5)
    assert notebook.run("print(ans, ans.complete, ans.error)").stdout == "So far False None\n"


def test_the_stop_button_works_while_a_cell_waits_for_the_answer(notebook, sandbox):
    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
    notebook.run("%%edenchat ans\nhello")
    view = next(m for m in notebook.comms if m.kind == "comm_open" and "_esm" in m.data["state"])
    waiting = notebook.start("print(ans)")
    notebook.wait(lambda: any("So far" in str(m.data) for m in notebook.comms))
    notebook.send_comm(view.comm_id, {"method": "custom", "content": {"kind": "stop"}}, subshell=True)
    assert notebook.finish(waiting).stdout == "So far\n"


def test_an_interrupt_while_a_cell_waits_stops_the_turn_and_keeps_the_text(notebook, sandbox):
    sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
    notebook.run("%%edenchat ans\nhello")
    notebook.wait(lambda: any("So far" in str(m.data) for m in notebook.comms))
    # The loop turns only while the cell waits: an interrupt before that would stop the cell and not the turn.
    waiting = notebook.start(
        "import asyncio; asyncio.get_running_loop().call_soon(print, 'waiting')\n%edenchat wait ans"
    )
    notebook.wait(lambda: "waiting" in waiting.stdout)
    notebook.interrupt()
    assert notebook.finish(waiting).error == "Interrupted"
    assert sandbox.requests[0].client_gone.wait(5)
    assert notebook.run("print(ans, ans.complete)").stdout == "So far False\n"


def test_a_kernel_ends_at_once_while_answers_stream(notebook, sandbox):
    for _ in range(3):
        sandbox.enqueue(Script.raw(Opening(), "So far", Stall()))
        notebook.run("%%edenchat ans --once\nhello")
    requests = sandbox.wait_for_requests(3, 10)
    notebook.shutdown(timeout_s=5)
    assert all(request.client_gone.wait(5) for request in requests)


# Conversations.


def test_a_prompt_continues_the_conversation_and_once_does_not(notebook, sandbox):
    for script in ("A1", "A2", "A3", "B1"):
        sandbox.enqueue(script)
    for cell in ("-s brief\nq1", "\nq2", "--once\nq3", "-c other\nq4"):
        notebook.run(f"%%edenchat ans --wait {cell}")
    assert prompts(sandbox) == [["brief", "q1"], ["brief", "q1", "A1", "q2"], ["q3"], ["q4"]]


def test_a_cell_that_runs_again_replaces_its_own_turn_and_keeps_the_later_ones(notebook, sandbox):
    for script in ("A1", "A2", "A1b", "A3"):
        sandbox.enqueue(script)
    for cell_id, prompt in (("x", "q1"), ("y", "q2"), ("x", "q1b"), ("z", "q3")):
        notebook.run(f"%%edenchat --wait\n{prompt}", cell_id=cell_id)
    assert prompts(sandbox)[2] == ["q1b"]
    assert prompts(sandbox)[3] == ["q1b", "A1b", "q2", "A2", "q3"]


def test_a_run_again_while_the_first_still_streams_takes_its_place(notebook, sandbox):
    sandbox.enqueue(Script.raw(Opening(), "old", Stall()), TEXT, "next")
    first = notebook.run("%%edenchat ans\nhello", cell_id="x")
    sandbox.wait_for_requests(1, 10)
    notebook.run("%%edenchat ans\nhello again", cell_id="x")
    assert sandbox.requests[0].client_gone.wait(5)
    assert notebook.run("print(ans)").stdout == TEXT + "\n"
    assert "Stopped." in saved(notebook, first)["text/html"]
    notebook.run("%%edenchat --wait\nq2", cell_id="y")
    assert prompts(sandbox)[-1] == ["hello again", TEXT, "q2"]


def test_a_prompt_waits_for_the_turn_before_it(notebook, sandbox):
    gate = gated(sandbox, "A", "1")
    sandbox.enqueue("A2")
    notebook.run("%%edenchat a\nq1")
    second = notebook.run("%%edenchat b\nq2")
    notebook.wait(lambda: any("'note': 'for the turn before'" in str(m.data) for m in notebook.comms))
    assert len(sandbox.requests) == 1
    gate.set()
    saved(notebook, second)
    assert prompts(sandbox)[1] == ["q1", "A1", "q2"]


def test_failed_turns_are_no_history_and_stopped_ones_are_with_the_text_shown(notebook, sandbox):
    sandbox.enqueue(Script.error(400, {"error": {"message": "no", "type": "invalid_request_error"}}))
    notebook.run("%%edenchat a\nfails")
    sandbox.enqueue(Script.raw(Opening(), "half", Stall()))
    notebook.run("%%edenchat b\nstops")
    notebook.wait(lambda: any("half" in str(m.data) for m in notebook.comms))
    notebook.run("%edenchat stop")
    sandbox.enqueue("fine")
    notebook.run("%%edenchat c --wait\nlast")
    assert prompts(sandbox)[-1] == ["stops", "half", "last"]


# Errors, and prompts as they are.


def test_a_failed_answer_leaves_its_name_unbound_and_a_cell_that_needs_it_says_why(notebook, sandbox):
    sandbox.enqueue(Script.raw(Opening(), "Half an answer"))
    result = notebook.run("ans = 'old'\nget_ipython().run_cell_magic('edenchat', 'ans', 'hello')")
    needing = notebook.run("print(ans)")
    assert needing.error == "StreamInterrupted"
    assert len("\n".join(needing.traceback).splitlines()) == 1
    assert notebook.run("print(_eden, 'ans' in globals())").stdout == "Half an answer False\n"
    data = saved(notebook, result)
    (title, hint) = re.fullmatch(r"\[(.+?[.]) (.+)\]", data["text/plain"].removeprefix("Half an answer\n\n")).groups()
    assert data["text/markdown"] == f"Half an answer\n\n**{title}** {hint}"
    assert "edenai-is-error" in data["text/html"]
    assert f"<strong>{title}</strong> {hint}" in data["text/html"]
    assert "StreamInterrupted" not in str(data)


@pytest.mark.parametrize("line", ["class", "1x", "a-b", "--nope", "-t hot", "a b"])
def test_a_line_that_cannot_be_used_is_one_line_and_sends_nothing(shared_notebook, sandbox, line):
    result = shared_notebook.run(f"%%edenchat {line}\nhello")
    assert result.error == "InvalidInput"
    assert len("\n".join(result.traceback).splitlines()) == 1
    assert sandbox.requests == []


def test_an_empty_prompt_and_a_missing_key_send_nothing(notebook, sandbox):
    assert notebook.run("%%edenchat\n \n").error == "InvalidInput"
    notebook.run("eden.configure(api_key=None)")
    result = notebook.run("%%edenchat ans\nhello")
    assert result.error == "MissingKey"
    assert "%edenchat sandbox" in result.error_message
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "prompt",
    [
        '{"a": 1}',
        "{v: k for k, v in d}",
        r"\frac{a}{b}",
        "$HOME $a {a}",
        "100% %s",
        "</script>",
        "{{",
        "a\n\n  b\t{{a b}}",
    ],
)
def test_a_prompt_arrives_unchanged(shared_notebook, sandbox, prompt):
    shared_notebook.run("a, b, d = 'A', 'B', {}")
    shared_notebook.run(f"%%edenchat --wait\n{prompt}")
    assert prompts(sandbox) == [[prompt]]


def test_an_expression_is_replaced_and_raw_leaves_it(notebook, sandbox):
    notebook.run("a = '{{b}}'; b = 1")
    notebook.run("%%edenchat --wait --once\n{{a}} {{a.nope}}")
    notebook.run("%%edenchat --wait --once --raw\n{{a}}")
    assert prompts(sandbox) == [["{{b}} {{a.nope}}"], ["{{a}}"]]


# The extension itself.


def test_unloading_takes_away_exactly_what_loading_put_there(kernel):
    state = (
        "ip = get_ipython(); mm = ip.magics_manager\n"
        "print(sorted(mm.magics['line']), sorted(mm.magics['cell']), sorted(mm.registry), ip.ast_transformers,"
        " ip.input_transformers_cleanup,"
        " sorted(map(str, ip.display_formatter.ipython_display_formatter.type_printers)),"
        " sorted(n for n in ip.user_ns if 'eden' in n), sorted(map(str, ip.events.callbacks.values())))"
    )
    kernel.run("%unload_ext edenai_nb")  # IPython loads the magics for extensions when they are first used
    before = kernel.run(state).stdout
    kernel.run("%load_ext edenai_nb")
    kernel.run("%load_ext edenai_nb")
    assert kernel.run(state).stdout != before
    kernel.run("%unload_ext edenai_nb")
    assert kernel.run(state).stdout == before


def test_help_is_written_for_people(notebook):
    for cell in ("%edenchat?", "%edenchat help"):
        result = notebook.run(cell)
        assert "--max-tokens" in result.stdout + str(result.reply)


def test_the_sandbox_command_answers_without_a_key(kernel):
    kernel.run("%load_ext edenai_nb\n%edenchat sandbox")
    result = kernel.run("%%edenchat ans\nhello")
    assert "no model" in kernel.run("print(ans)").stdout.lower()
    assert "sandbox" in saved(kernel, result)["text/html"]
    shown = kernel.run("import edenai_nb as eden\nturn = eden.Chat().send('hello', max_tokens=1)\nturn")
    assert "sandbox" in saved(kernel, shown)["text/html"]
    assert kernel.run("%edenchat sandbox off").status == "ok"
    assert kernel.run("%%edenchat ans\nhello").error == "MissingKey"


CAPTURE = "%%capture cap\nimport time; time.sleep(3)"


def test_a_cell_that_captures_has_nothing_of_an_answer_that_grows_meanwhile(notebook, sandbox):
    """Without a page the answer grows as markdown, from its third second on."""
    gate = gated(sandbox)
    notebook.run("%%edenchat ans\nhello")
    notebook.run(CAPTURE)
    assert notebook.run("print(len(cap.outputs))").stdout == "0\n"
    gate.set()
    assert notebook.run("print(ans)").stdout == "The first half, the rest.\n"


def test_a_failure_beside_a_cell_that_captures_is_seen_where_it_was_asked(notebook, sandbox, tmp_path):
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "Half an answ", Gate(gate), HangUp()))
    asked = notebook.run("%%edenchat ans -q\nhello")
    captures = notebook.start(CAPTURE.replace("\n", f"\nopen({str(tmp_path / 'begun')!r}, 'w').close()\n"))
    notebook.wait((tmp_path / "begun").exists)
    gate.set()
    notebook.finish(captures)
    assert notebook.run("print(len(cap.outputs))").stdout == "0\n"
    notebook.wait(lambda: "edenai-is-error" in asked.outputs[0].data.get("text/html", ""))
