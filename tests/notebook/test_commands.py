"""The commands do what their names say, and say what they did in one line."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from edenai_nb.notebook import commands, option_table
from edenai_nb.sandbox import Gate, Opening, Script

from ..kernel import Kernel
from .test_magic import prompts

README = Path(__file__).parents[2] / "README.md"


def said(notebook: Kernel, command: str) -> str:
    result = notebook.run(f"%edenchat {command}")
    assert result.status == "ok", result.traceback
    return result.stdout


def test_undo_history_chats_reset_and_clear_work_on_the_conversation(notebook, sandbox):
    sandbox.enqueue("First answer.", "Second answer.", "Third answer.")
    notebook.run("%edenchat -q one?\n%edenchat -q two?")
    assert re.search(r"you\none\?\n.*openai/.*\nFirst answer\.\n.*you\ntwo\?", said(notebook, "history"), re.DOTALL)
    assert said(notebook, "undo") == "Turn 2 of main is taken back; 1 turn left.\n"
    notebook.run("%edenchat -q three?")
    assert prompts(sandbox)[-1] == ["one?", "First answer.", "three?"]
    assert said(notebook, "chats").startswith("main: 2 turns, ")
    assert said(notebook, "clear") == "main is forgotten (2 turns).\n"
    assert said(notebook, "chats") == "No conversation yet.\n"
    assert notebook.run("%edenchat undo").error == "InvalidInput"
    assert len(sandbox.requests) == 3


def test_stop_and_wait_say_what_they_did(notebook, sandbox):
    gate = threading.Event()
    sandbox.enqueue(Script.raw(Opening(), "Half", Gate(gate)), Script.raw(Opening(), "Half", Gate(gate)), "Whole.")
    notebook.run("%%edenchat a --once\nx")
    notebook.run("%%edenchat b --once\nx")
    assert said(notebook, "stop a") == "Stopped 1 answer; the text so far is kept.\n"
    assert said(notebook, "stop") == "Stopped 1 answer; the text so far is kept.\n"
    assert said(notebook, "stop") == "Nothing to stop.\n"
    notebook.run("%%edenchat c --once\nx")
    assert said(notebook, "wait c") in ("Complete: c.\n", "Nothing to wait for.\n")
    assert said(notebook, "wait") == "Nothing to wait for.\n"


def test_config_reads_quotes_prints_what_was_set_and_knows_the_models(notebook, sandbox):
    assert said(notebook, 'config journal="my notes.jsonl"').split() == [
        "journal",
        "my",
        "notes.jsonl",
        "(configure())",
    ]
    assert said(notebook, r"config journal=C:\notes\a.jsonl").split()[1] == r"C:\notes\a.jsonl"
    assert len(said(notebook, "config").splitlines()) > 8
    said(notebook, "config model=foo/bar")  # no catalogue has been read: nobody can say
    said(notebook, "models claude")
    refused = notebook.run("%edenchat config model=openai/gpt-5-minni")
    assert "Did you mean openai/gpt-5-mini" in refused.error_message
    assert said(notebook, "config model='anthropic/claude-opus-5'").split()[1] == "anthropic/claude-opus-5"
    assert notebook.run('%edenchat config model="open').error == "InvalidInput"


def test_models_lists_prices_and_cost_what_was_spent(notebook, sandbox):
    shown = notebook.run("%edenchat models claude sonnet --supports vision,tools --for '1000 x 300'").outputs[0].data
    row = r"anthropic/claude-sonnet-4-6 +anthropic +vision .*tools .* 200,000 +3\.00 +15\.00 +~\$5\.40"
    assert re.search(row, shown["text/plain"])
    assert "<td" in shown["text/html"]
    assert "gpt" not in shown["text/plain"]
    assert "did you mean --provider" in notebook.run("%edenchat models --provder openai").error_message
    sandbox.enqueue("One.", "Two.")
    notebook.run("%edenchat -q --once one?\n%edenchat -q --once two?")
    notebook.run("wait_for = _eden")
    usage, cost = (notebook.run(f"%edenchat {word}").outputs[0].data for word in ("usage --by day", "cost --since 7d"))
    assert re.search(r"2 from the sandbox, not billed: would have cost <?\$0\.\d+", usage["text/plain"])
    assert "since 7d" in cost["text/plain"]
    assert "<table" in cost["text/html"]


def test_the_sandbox_is_named_where_it_is_meant(kernel):
    kernel.run("%load_ext edenai_nb")
    assert kernel.run("%edenchat sandbox off").stdout == "No sandbox was on.\n"
    kernel.run("%edenchat sandbox")
    shown = kernel.run("%edenchat config").stdout
    assert re.search(r"base_url +http://127\S+ +\(sandbox\)", shown)
    assert re.search(r"api_key +found +\(sandbox\)", shown)
    assert "questions go to api.edenai.run" in kernel.run("%edenchat sandbox off").stdout


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: command.name)
def test_readme_tells_of_every_command(command):
    assert f"| `{command.usage}` | {command.help} |" in README.read_text("utf-8")


@pytest.mark.parametrize("option", [option for option in option_table.OPTIONS if option.help], ids=lambda one: one.name)
def test_readme_tells_of_every_option(option):
    assert f"| `{option.usage}` | {option.help} |" in README.read_text("utf-8")
