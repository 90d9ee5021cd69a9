"""A schema's complaints in one line: of a union only the member that was meant."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from edenai_nb.api import validation


class Text(BaseModel):
    type: Literal["text"]
    text: str


class Url(BaseModel):
    url: str


class Image(BaseModel):
    type: Literal["image_url"]
    image_url: Url


class Message(BaseModel):
    role: Literal["user", "assistant"]
    content: str | list[Text | Image] | None = None


class Body(BaseModel):
    messages: list[Message]
    stop: str | list[str] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] = 1
    tool_choice: Literal["auto", "none"] | dict[str, Any] | None = None


def line(**body: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({"messages": [], **body})
    return validation.line([{**problem, "loc": ["body", *problem["loc"]]} for problem in caught.value.errors()])


def content(part: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [part]}]}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"temperature": 3}, "temperature: Input should be less than or equal to 2"),
        ({"stop": 5}, "stop: Input should be a valid string or a valid list"),
        ({"stop": [1]}, "stop[0]: Input should be a valid string"),
        (
            {"messages": [{"role": "user", "content": 5}]},
            "messages[0].content: Input should be a valid string or a valid list",
        ),
        (content({"type": "text", "text": 5}), "messages[0].content[0].text: Input should be a valid string"),
        (content({"type": "image_url"}), "messages[0].content[0].image_url: Field required"),
        (content({"type": "image_url", "image_url": {}}), "messages[0].content[0].image_url.url: Field required"),
        (content({"type": "sound"}), "messages[0].content[0].type: Input should be 'text' or 'image_url'"),
        ({"messages": [{"role": "robot"}]}, "messages[0].role: Input should be 'user' or 'assistant'"),
        ({"tool_choice": 5}, "tool_choice: Input should be 'auto' or 'none' or a valid dictionary"),
    ],
)
def test_the_field_that_was_meant_is_named_once(body: dict[str, Any], said: str) -> None:
    assert line(**body).startswith(said)
    assert "Text" not in line(**body)
    assert "[union" not in line(**body)


def test_of_many_fields_three_are_named_and_the_others_counted() -> None:
    said = line(messages=[{} for _ in range(9)])
    assert said.count("Field required") == 3
    assert said.endswith("; and 6 more")


@pytest.mark.parametrize(
    "odd", [{}, {"loc": None, "msg": None}, {"loc": "x", "msg": 5}, {"loc": [None, {}], "msg": "m"}]
)
def test_what_is_no_complaint_does_no_harm(odd: dict[str, Any]) -> None:
    assert isinstance(validation.line([odd, 7, None]), str)
