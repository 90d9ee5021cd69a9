"""Restart and Run All over a file of kept answers."""

from __future__ import annotations

CELL = "%%edenchat kept --keep\nThree *words*, please."


def test_a_new_kernel_without_key_and_server_gives_the_same_outputs_byte_for_byte(notebook, new_kernel, sandbox):
    asked = notebook.run(CELL, allow_stdin=False, cell_id="a")
    again = notebook.run(CELL, allow_stdin=False, cell_id="a")
    sandbox.stop()
    other = new_kernel()
    other.run("%load_ext edenai_nb\n%edenchat config base_url=http://127.0.0.1:9/v3")
    replayed = other.run(CELL, allow_stdin=False, cell_id="a")

    assert asked.status == again.status == replayed.status == "ok", replayed.traceback
    assert [dict(output) for output in replayed.outputs] == [dict(output) for output in again.outputs]
    assert "kept" in replayed.outputs[0].data["text/html"]
    assert other.run("str(kept)").value == notebook.run("str(kept)").value
