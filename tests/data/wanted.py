"""Forty forms of an answer, each with one that fits, the value that this stands for, and one that does not fit."""

from __future__ import annotations

import datetime
import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, NewType, Optional, Union

import msgspec
import pydantic
from typing_extensions import NotRequired, TypedDict


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Grade(enum.IntEnum):
    ONE = 1
    TWO = 2


class Point(NamedTuple):
    x: int
    y: int = 0


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


class Partial(TypedDict, total=False):
    a: int
    b: str


@dataclass
class Label:
    """What a review is about."""

    name: str
    score: float | None = None


@dataclass
class Order:
    id: int
    lines: list[Label]
    where: Point | None = None
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Positive:
    n: int

    def __post_init__(self) -> None:
        if self.n <= 0:
            raise ValueError(f"{self.n} is not positive")


class Person(msgspec.Struct, rename="camel"):
    first_name: str
    age: Annotated[int, msgspec.Meta(ge=0, le=150)] = 0


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    name: str


class Item(pydantic.BaseModel):
    name: str
    price: float = pydantic.Field(ge=0)
    tags: list[str] = []


class Basket(pydantic.BaseModel):
    items: list[Item]
    owner: Optional[str] = None  # noqa: UP045


@dataclass
class Shelf:
    item: Item


@dataclass
class Nothing:
    """There is nothing in it."""


UserId = NewType("UserId", int)
DAY = datetime.date(2026, 11, 27)
ID = uuid.UUID(int=5)
ADDRESS = {
    "title": "Address",
    "type": "object",
    "properties": {"street": {"type": "string", "minLength": 1}, "no": {"type": "integer", "minimum": 1}},
    "required": ["street"],
}
HOUSES = {
    "type": "object",
    "properties": {"home": {"$ref": "#/$defs/a"}, "work": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}},
    "required": ["home", "work"],
    "$defs": {"a": ADDRESS},
}
ALL_OF = {
    "allOf": [
        {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
        {"properties": {"b": {"const": "x"}}, "required": ["b"]},
    ]
}
ONE_OF = {"oneOf": [{"type": "string", "pattern": "^a"}, {"type": "number", "exclusiveMinimum": 3}]}
PAIR = {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "items": False}

# what is wanted, an answer that fits, its value, an answer that does not fit
WANTED: list[tuple[Any, Any, Any, Any]] = [
    (Label, {"name": "a", "score": 1.5}, Label("a", 1.5), {"name": 1, "score": 1.5}),
    (Label, {"name": "a", "score": None}, Label("a"), {"score": None}),
    (list[Label], {"value": [{"name": "a", "score": None}]}, [Label("a")], {"value": [{"name": None, "score": 1}]}),
    (list[Label], [{"name": "a", "score": None}], [Label("a")], "a"),
    (
        Order,
        {"id": 1, "lines": [], "where": {"x": 1, "y": None}, "notes": [{"key": "k", "value": "v"}]},
        Order(1, [], Point(1), {"k": "v"}),
        {"id": "1", "lines": [{}], "where": {}, "notes": None},
    ),
    (Order, {"id": 1, "lines": [], "where": None, "notes": None}, Order(1, []), {"id": 1, "lines": {}, "where": None}),
    (Positive, {"n": 1}, Positive(1), {"n": -1}),
    (Movie, {"title": "M", "year": None}, {"title": "M"}, {"title": "M", "year": "1931"}),
    (Movie, {"title": "M", "year": 1931}, {"title": "M", "year": 1931}, {"title": "M", "more": 1}),
    (Partial, {"a": None, "b": "x"}, {"b": "x"}, {"a": "x", "b": None}),
    (Point, {"x": 1, "y": 2}, Point(1, 2), [1, 2]),
    (list[Point], {"value": [{"x": 1, "y": None}]}, [Point(1)], {"value": [{"y": 1}]}),
    (Mood, {"value": "good"}, Mood.GOOD, {"value": "GOOD"}),
    (Grade, {"value": 2}, Grade.TWO, {"value": 3}),
    (list[Mood], {"value": ["good", "bad"]}, [Mood.GOOD, Mood.BAD], {"value": ["good", "so"]}),
    (Literal["yes", "no"], {"value": "yes"}, "yes", {"value": "maybe"}),
    (Literal["a", 1, None], {"value": None}, None, {"value": "1"}),
    (Optional[Literal["yes"]], {"value": None}, None, {"value": "no"}),  # noqa: UP045
    (Person, {"firstName": "A", "age": None}, Person("A"), {"firstName": "A", "age": 200}),
    (Union[Cat, Dog], {"value": {"type": "dog", "name": "D"}}, Dog("D"), {"value": {"type": "dog", "lives": 1}}),  # noqa: UP007
    (Item, {"name": "a", "price": 1.0, "tags": None}, Item(name="a", price=1), {"name": "a", "price": -1, "tags": []}),
    (
        Basket,
        {"items": [{"name": "a", "price": 2, "tags": ["t"]}], "owner": None},
        Basket(items=[Item(name="a", price=2, tags=["t"])]),
        {"items": [{"name": 1, "price": "x", "tags": 3}], "owner": 1},
    ),
    (list[Item], {"value": [{"name": "a", "price": 0, "tags": None}]}, [Item(name="a", price=0)], {"value": [{}]}),
    (Shelf, {"item": {"name": "a", "price": 0, "tags": None}}, Shelf(Item(name="a", price=0)), {"item": {"name": "a"}}),
    (Nothing, {}, Nothing(), {"more": 1}),
    (dict[str, int], {"value": [{"key": "a", "value": 1}]}, {"a": 1}, {"value": [{"key": "a", "value": "1"}]}),
    (
        dict[int, Label],
        {"value": [{"key": "7", "value": {"name": "a", "score": None}}]},
        {7: Label("a")},
        {"value": [1]},
    ),
    (Mapping[str, list[int]], {"value": [{"key": "a", "value": [1]}]}, {"a": [1]}, {"value": {"a": ["x"]}}),
    (tuple[str, int], {"value": ["a", 1]}, ("a", 1), {"value": ["a"]}),
    (tuple[int, ...], {"value": [1, 2]}, (1, 2), {"value": ["a"]}),
    (set[str], {"value": ["a", "a"]}, {"a"}, {"value": [1]}),
    (Sequence[float], {"value": [1]}, [1.0], {"value": [True]}),
    (Annotated[list[int], msgspec.Meta(min_length=1)], {"value": [1]}, [1], {"value": []}),
    (int, {"value": 3}, 3, {"value": 3.5}),
    (UserId, {"value": 3}, 3, {"value": "3"}),
    (bool, {"value": False}, False, {"value": 0}),
    (datetime.date, {"value": "2026-11-27"}, DAY, {"value": "27.11.2026"}),
    (Decimal, {"value": "1.10"}, Decimal("1.10"), {"value": "a"}),
    (uuid.UUID, {"value": str(ID)}, ID, {"value": "5"}),
    (ADDRESS, {"street": "S", "no": None}, {"street": "S"}, {"street": "", "no": 0}),
    (HOUSES, {"home": {"street": "S", "no": 1}, "work": None}, {"home": {"street": "S", "no": 1}, "work": None}, {}),
    (ALL_OF, {"a": 1, "b": "x"}, {"a": 1, "b": "x"}, {"a": 1, "b": "y"}),
    (ONE_OF, {"value": "ab"}, "ab", {"value": 2}),
    (PAIR, {"value": ["a", 1]}, ["a", 1], {"value": ["a", "b"]}),
]
