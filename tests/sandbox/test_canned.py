"""The canned replies: pleasant, honest, and the same each time."""

import json

import pytest

from edenai_nb.reply import Reply
from edenai_nb.sandbox import canned
from edenai_nb.sandbox.completion import tokens

from .client import said

DATASET = "How would you explore a new data set? Show a table, some code and a formula."


def text(client, prompt="Hi", **fields):
    return client.whole(prompt, **fields)["choices"][0]["message"]["content"]


def test_replies_in_turn_all_differ_and_say_that_no_model_was_called(client):
    replies = [text(client, "?") for _ in canned._IN_TURN]
    assert len(set(replies)) == len(replies) >= 6
    assert all("no model was called" in reply.splitlines()[0] for reply in replies)


def test_together_they_show_every_kind_of_markdown(client):
    everything = "\n".join(text(client, "?") for _ in canned._IN_TURN)
    for sign in ("\n# ", "\n## ", "\n| ", "\n```python\n", "\n$$\n", "\n> ", "\n> > ", "\n- [ ] ", "\n- [x] ", "\n1. "):
        assert sign in everything, sign
    assert "\n  - " in everything  # a nested list


@pytest.mark.parametrize(
    ("prompt", "sign"),
    [
        (DATASET, "# Meeting a new data set"),
        ("Write a Python function", "# A cache that forgets"),
        ("Prove the theorem", "# Why the bell curve"),
        ("And a websocket?", "# Three ways to stream"),
        ("What stands out in this table? Answer in three bullets.", "- **One value stands out.**"),
        ("Give me a checklist", "# From messy notebook"),
        ("tl;dr please", "## In short"),
    ],
)
def test_a_reply_suits_the_words_of_the_prompt(client, prompt, sign):
    assert sign in text(client, prompt)
    assert sign in text(client, prompt)  # and again: the turn does not matter


def test_the_quickstarts_first_prompt_gets_a_table_code_and_a_formula(client):
    reply = Reply(text(client, DATASET))
    assert reply.code[0].language == "python"
    assert "|:--|" in reply
    assert "$$" in reply


@pytest.mark.parametrize("format", ["json_object", "json_schema"])
def test_a_json_response_format_gets_bare_json(client, format):
    answer = json.loads(text(client, "anything as JSON", response_format={"type": format}))
    assert "no model was called" in answer["note"]


def test_a_short_prompt_that_mentions_json_gets_json_in_a_fence(client):
    assert "no model was called" in Reply(text(client, "Three cities as JSON, please")).json()["note"]


def test_json_somewhere_in_a_long_prompt_changes_nothing(client):
    assert text(client, "json " + "word " * 1000).startswith(canned.NOTICE)


@pytest.mark.parametrize(
    "prompt", ['{"a": 1} {v: k} \\frac{a}{b} $HOME 100% </script>', "a\nb\r\n\n  c ", "✓ 👩‍👩‍👧 \u2028"]
)
@pytest.mark.parametrize("how", [{"model": "sandbox/echo"}, {"metadata": {"echo": True}}])
def test_echo_answers_with_exactly_the_last_user_message(client, prompt, how):
    history = [{"role": "user", "content": "earlier"}, {"role": "assistant", "content": "yes"}]
    messages = [{"role": "system", "content": "s"}, *history, {"role": "user", "content": prompt}]
    assert text(client, messages=messages, **how) == prompt
    assert said(client.chunks(messages=messages, **how)) == prompt


def test_the_long_reply_takes_a_minute_at_60_tokens_a_second_and_is_always_the_same(client):
    first = text(client, model="sandbox/long")
    assert 0.95 * 3600 <= len(tokens(first)) <= 1.05 * 3600
    assert first.count("```") % 2 == 0
    assert [line.split()[2] for line in first.splitlines() if line.startswith("## Chapter")][:3] == ["1:", "2:", "3:"]
    assert text(client, model="sandbox/long") == first
    assert "no model was called" in first.splitlines()[0]


def test_reasoning_is_shown_when_it_is_asked_for(client):
    for how in ({"reasoning_effort": "low"}, {"thinking": {"type": "enabled", "budget_tokens": 1024}}):
        assert said(client.chunks(**how), "reasoning_content") == canned.THINKING
    for how in ({}, {"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}):
        assert said(client.chunks(**how), "reasoning_content") == ""


@pytest.mark.parametrize(
    "sample", ["", " ", "\n\n", "word", "a  b", "x" * 1000, "日本語のテキスト", "🙂🙂", "…—«»", " tail "]
)
def test_tokens_are_the_whole_text_in_order(sample):
    assert "".join(tokens(sample)) == sample
