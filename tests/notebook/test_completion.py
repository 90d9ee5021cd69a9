"""Tab offers what can follow %edenchat, and asks nobody for it."""

from __future__ import annotations


def test_tab_offers_commands_options_and_what_their_values_can_be(notebook, sandbox):
    def offered(code: str) -> set[str]:
        """What Tab adds, as the last word that it makes."""
        return {made.split()[-1] for made in notebook.complete(code)}

    assert offered("%edenchat co") == {"config", "cost"}
    assert offered("x = %edenchat --ma") == {"--max-tokens", "--max-cost", "--max-concurrency"}
    assert offered("import os\n%edenchat un") == {"undo"}
    assert offered("%%edenchat x --m") == {"--model", "--max-tokens", "--max-cost", "--max-concurrency"}
    assert "--temperature" in offered("%%edenchat x -m openai/x ")
    assert "config" not in offered("%%edenchat x co")
    assert offered("%edenchat config mo") == {"model="}
    assert offered("%edenchat sandbox o") == {"on", "off"}
    assert offered("%%edenchat x -m openai/gpt-mini-l") == {"openai/gpt-mini-latest"}  # in force, and so known
    assert offered("%edenchat models --su") == {"--supports"}
    notebook.run("my_notes = 'x'; my_function = print")
    assert offered("%%edenchat -o my_") == {"my_notes"}
    notebook.run("class MyLabel: pass")
    assert offered("%%edenchat x --schema My") == {"MyLabel"}
    assert offered("%%edenchat x --image last") == {"last-figure"}
    assert offered("%%edenchat x -f c") == {"code"}
    assert sandbox.requests == []

    sandbox.enqueue("Fine.")
    notebook.run("%edenchat models\n%edenchat -c notes why?")
    asked = len(sandbox.requests)
    assert offered("%%edenchat x -m anthropic/claude-o") == {"anthropic/claude-opus-5"}
    assert offered("%edenchat --model=anthropic/claude-o") == {"--model=anthropic/claude-opus-5"}
    assert offered("%edenchat config model=anthropic/claude-o") == {"model=anthropic/claude-opus-5"}
    assert offered("%edenchat models --provider anth") == offered("%%edenchat x --providers anth") == {"anthropic"}
    assert offered("%edenchat reset n") == offered("%edenchat why -c n") == {"notes"}
    assert offered("%edenchat pick anthropic/claude-o") == {"anthropic/claude-opus-5"}
    assert len(sandbox.requests) == asked


def test_other_code_is_completed_as_ever(notebook):
    notebook.run("edenchat_like = 1; text = 'a'")
    assert "edenchat_like" in notebook.complete("edenchat_l")
    assert "text.upper" in notebook.complete("text.upp")
    assert "%config" in notebook.complete("%conf")
