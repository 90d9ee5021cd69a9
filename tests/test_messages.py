"""What may be said to a model, and in which order."""

from __future__ import annotations

from typing import Any

import pytest

from edenai_nb import messages
from edenai_nb.errors import InvalidInput

USER = {"role": "user", "content": "2+2?"}
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "4"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
TEXT = {"type": "text", "text": "What is it?"}


@pytest.mark.parametrize(
    "prompt",
    [
        "Hello",
        [TEXT],
        [TEXT, IMAGE],
        [IMAGE],
        [USER],
        [{"role": "system", "content": "Be brief"}, USER],
        [{"role": "developer", "content": [TEXT]}, {"role": "user", "content": [TEXT, IMAGE]}],
        [USER, {"role": "assistant", "content": "4"}, USER],
        [USER, CALLING, RESULT],
        [USER, CALLING, RESULT, USER],
        [RESULT],
        [RESULT, USER],
        [USER, {"role": "assistant", "content": "Once upon"}],
    ],
)
def test_text_parts_and_messages_are_prompts(prompt: Any) -> None:
    messages.check(prompt)


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ([], "is empty"),
        (123, "not int"),
        (None, "not NoneType"),
        (b"Hello", "not bytes"),
        ({"role": "user", "content": "x"}, "not dict"),
        (("a",), "not tuple"),
        (["a", "b"], "holds str"),
        ([USER, "b"], "holds str"),
        ([[USER]], "holds list"),
        ([{}], "is no dict such as"),
        ([{"content": "x"}], "is no dict such as"),
        ([USER, {"content": "x"}], "no known role"),
        ([{"role": "robot", "content": "x"}], "no known role"),
        ([{"role": None, "content": "x"}], "no known role"),
        ([{"role": "user"}], "has no content"),
        ([{"role": "user", "content": None}], "has no content"),
        ([{"role": "assistant", "content": None}], "has no content"),
        ([{"role": "user", "content": 5}], "not int"),
        ([{"role": "user", "content": {"text": "x"}}], "not dict"),
        ([{"role": "user", "content": ["x"]}], "is no dict such as"),
        ([{"role": "user", "content": []}], "nothing but whitespace"),
        ([{"role": "user", "content": [{"type": "text", "text": "  "}]}], "nothing but whitespace"),
        ([{"type": "text"}], "has no text"),
        ([{"type": "text", "text": 5}], "has no text"),
        ([{"type": "text", "text": ""}], "nothing but whitespace"),
        ([USER, CALLING], "no tool message"),
        ([USER, CALLING, USER], "no tool message"),
        ([USER, RESULT], "answers no tool call"),
        ([USER, CALLING, RESULT, USER, RESULT], "answers no tool call"),
        ([USER, CALLING, {**RESULT, "tool_call_id": "c2"}], "no tool message"),
    ],
)
def test_anything_else_is_refused_in_one_line(prompt: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        messages.check(prompt)
    assert str(caught.value).endswith("nothing was sent.")
    assert "\n" not in str(caught.value)


def test_the_text_of_a_prompt_is_what_the_user_said_last() -> None:
    history = [{"role": "user", "content": "first"}, {"role": "assistant", "content": "yes"}]
    for prompt in (
        "What is it?",
        [TEXT, IMAGE],
        [*history, {"role": "user", "content": [TEXT, IMAGE]}, CALLING, RESULT],
    ):
        assert messages.text_of(prompt) == "What is it?"
    assert messages.text_of([RESULT]) == ""


def test_every_text_of_a_prompt_is_found() -> None:
    assert messages.texts("a") == ["a"]
    assert messages.texts([TEXT, IMAGE]) == ["What is it?"]
    assert messages.texts([USER, {"role": "user", "content": [TEXT, IMAGE]}, CALLING]) == ["2+2?", "What is it?"]


def test_other_words_in_the_same_place_leave_the_rest_alone() -> None:
    prompt = [USER, {"role": "assistant", "content": "4"}, USER]
    assert messages.with_said(prompt, "3+3?") == [*prompt[:2], {"role": "user", "content": "3+3?"}]
    assert messages.with_said("a", "b") == "b"
