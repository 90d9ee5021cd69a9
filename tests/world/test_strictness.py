"""The sandbox refuses what a server made from the published document refuses, at the same places."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from edenai_nb.sandbox import Sandbox
from edenai_nb.sandbox.bodies import COMPLETION
from edenai_nb.sandbox.shapes import Wrong

from . import strict_server
from .strict_server import DOCUMENT, Models
from .wrong_bodies import FIELDS, body, wrong_bodies

BODY_MODEL = Models(DOCUMENT)["LlmCompletionBody"]
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """A client of the sandbox, and one of the strict server."""
    with Sandbox(tokens_per_s=None) as sandbox:
        for strict in strict_server.serve():
            with _client(sandbox.base_url, "sandbox") as ours, _client(strict.base_url, strict.api_key) as theirs:
                yield ours, theirs


def _client(base_url, key):
    return httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {key}"}, trust_env=False)


def answers(both, content, headers=JSON):
    """[(status, places that are wrong)] of both servers; the words of a 400 instead of places."""
    return [_told(client.post("/chat/completions", content=content, headers=headers)) for client in both]


def _told(response):
    detail = response.json().get("detail")
    places = {tuple(problem["loc"]) for problem in detail} if isinstance(detail, list) else detail
    return response.status_code, places


def is_taken(value):
    try:
        BODY_MODEL.model_validate(value)
    except ValidationError:
        return False
    return True


WRONG = {field: [value for value in wrong_bodies(field) if not is_taken(value)] for field in FIELDS}


def test_the_table_of_wrong_bodies_holds_every_field_and_is_long():
    assert all(WRONG.values())
    assert sum(map(len, WRONG.values())) >= 400


@pytest.mark.parametrize("field", FIELDS)
def test_a_wrong_field_is_refused_at_the_same_places(both, field):
    for wrong in WRONG[field]:
        ours, theirs = answers(both, json.dumps(wrong))
        assert ours == theirs, wrong
        assert ours[0] == 422


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_only_wrong_at_first_sight_is_taken(both, field):
    for value in wrong_bodies(field):
        if is_taken(value):
            ours, theirs = answers(both, json.dumps(value))
            assert theirs == (200, None)
            # What the document cannot say: an unknown model (400), a file that nobody has uploaded (404).
            assert ours[0] in (200, 404 if "file_id" in json.dumps(value) else 400), (value, ours)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'"x"',
        b"{not json",
        b'{"model": "x",}',
        b"{} {}",
        b"\xff\xfe",
        b'{"model": "\xff"}',
        b"[" * 200_000,
        b'{"seed": ' + b"9" * 5000 + b"}",
        json.dumps(body(temperature=3)).encode("utf-16"),
        b"\xef\xbb\xbf" + json.dumps(body(temperature=3)).encode(),
        b'{"model": "m", "messages": [], "temperature": NaN}',
        b'{"model": "m", "messages": [], "seed": 1e999}',
    ],
    ids=lambda content: repr(content[:24]),
)
@pytest.mark.parametrize("kind", [None, "application/json", "text/plain", "application/vnd.eden+json; charset=utf-8"])
def test_a_body_that_cannot_be_read_is_refused_in_the_same_way(both, content, kind):
    ours, theirs = answers(both, content, {"Content-Type": kind} if kind else {})

    assert ours == theirs
    assert ours[0] in (400, 422)


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application", "json"])
def test_a_right_body_that_does_not_say_that_it_is_json_is_refused(both, kind):
    ours, theirs = answers(both, json.dumps(body()), {"Content-Type": kind} if kind else {})

    assert ours == theirs == (422, {("body",)})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(
        ["1", " 2 ", "0.5", "1e1", "1_0", "yes", "OFF", "auto", "low", "user", "text", "inf", "+1", "1.0"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "role", "content", "file", "mode", "sort", "ttl"]), inner)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4), st.sampled_from(FIELDS), VALUES)
@settings(max_examples=200, deadline=None)
def test_any_value_is_read_as_pydantic_reads_it(fields, name, value):
    sent = body(**fields, **({} if name in fields else {name: value}))

    assert repr(read_by_us(sent)) == repr(read_by_pydantic(sent))


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 5)
    | st.sampled_from(["", "a", "tool", "assistant", "function", "object"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "function", "name", "parameters", "properties", "schema", "items", "enum"]),
            inner,
        )
    ),
    max_leaves=8,
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "tool", "function"])},
        optional={"content": st.none() | st.just("a"), "tool_calls": ODD, "tool_call_id": ODD, "name": ODD},
    ),
    max_size=4,
)
ODD_FIELDS = {
    "messages": MESSAGES,
    "tools": st.lists(
        st.fixed_dictionaries({"type": st.just("function"), "function": st.fixed_dictionaries({"name": st.just("a")})})
        | ODD,
        max_size=3,
    ),
    "tool_choice": ODD | st.just({"type": "function", "function": {"name": "a"}}),
    "response_format": st.fixed_dictionaries({"type": st.just("json_schema"), "json_schema": ODD}) | ODD,
    "stream_options": ODD,
    "metadata": ODD,
    "thinking": ODD,
    "functions": ODD,
    "n": st.integers(0, 3),
    "max_tokens": st.integers(0, 3),
    "stream": st.booleans(),
}


@given(st.fixed_dictionaries({}, optional=ODD_FIELDS))
@settings(max_examples=200, deadline=None)
def test_no_body_whatever_is_in_it_gets_more_than_an_answer_or_a_refusal(both, fields):
    response = both[0].post("/chat/completions", content=json.dumps(body(**fields)), headers=JSON)

    assert response.status_code in (200, 400, 422)
    assert response.content


def read_by_us(sent):
    try:
        read = COMPLETION.read(sent, ())
    except Wrong as wrong:
        return sorted({problem.where for problem in wrong.problems}, key=repr)
    return {name: read[name] for name in sent if is_plain(read[name])}


def read_by_pydantic(sent):
    try:
        read = BODY_MODEL.model_validate(sent).model_dump(exclude_unset=True)
    except ValidationError as error:
        return sorted({problem["loc"] for problem in error.errors()}, key=repr)
    return {name: read[name] for name in sent if is_plain(read[name])}


def is_plain(value):
    """Not an object: pydantic drops keys that a model does not know, the sandbox keeps them."""
    return not any(isinstance(item, dict) for item in (value if isinstance(value, list) else [value]))
