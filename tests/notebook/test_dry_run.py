"""`--dry-run` shows the question and leaves everything as it was."""

from __future__ import annotations


def test_a_dry_run_shows_what_would_be_sent_and_changes_nothing(shared_notebook, sandbox):
    shared_notebook.run("notes = 'three facts'")
    shown = shared_notebook.run("%%edenchat dry --dry-run -s 'Be brief' --tag team=red\nSum up {{notes}}")
    assert shown.status == "ok", shown.traceback
    assert "Sum up three facts" in shown.outputs[0].data["text/plain"]
    assert "Be brief" in shown.outputs[0].data["text/html"]
    assert '{"team": "red"}' in shown.outputs[0].data["text/plain"]
    assert shared_notebook.run("%edenchat chats").stdout == "No conversation yet.\n"
    assert shared_notebook.run("dry").error == "NameError"
    assert sandbox.requests == []
