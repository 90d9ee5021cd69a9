"""Cell text with {{expressions}} into the prompt that is sent."""

from __future__ import annotations

import ast
import builtins
import difflib
import types
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from IPython.core.autocall import IPyAutocall

from .. import messages
from ..data import describe, sources
from ..data.described import Described, Level, is_level
from ..errors import InvalidInput
from ..messages import Part
from . import braces, functions, placing
from .braces import Expression
from .template_code import TemplateCode

MOST_NAMED = 5  # in the status line

# Nobody asks a model about `<built-in function id>`: braces around these, but for those with a source that can be
# shown, are somebody's template.
_NEVER_MEANT = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    IPyAutocall,
)


@dataclass(frozen=True)
class Prompt:
    """The text to send, the expressions in it that stayed as typed, what is said of the values, pictures among them."""

    text: str
    unresolved: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


class Interpolation:
    """Replaces expressions by the text of their values, and remembers what the status line should say."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = dict(namespace)
        self.unresolved: list[str] = []
        self.notes: list[str] = []
        self.parts: list[Part] = []  # pictures, in the order in which the text names them

    @property
    def note(self) -> str:
        """What the status line says of it."""
        typed = [f"{{{{{source}}}}}" for source in self.unresolved]
        if len(typed) > MOST_NAMED:
            typed[MOST_NAMED:] = [f"{len(typed) - MOST_NAMED} more"]
        return " · ".join([*self.notes, *([f"left as typed: {', '.join(typed)}"] if typed else [])])

    def fill(self, text: str, place: placing.Place = placing.placed) -> str:
        """The text with its expressions replaced, in one pass: values are never looked into.

        `place` says what stands for a value: usually, one of several lines stands in a fence with its name, so that it
        is not taken for a part of the question. What is no Python expression (JSON, LaTeX, templates) and what is never
        meant (a builtin, a module, a bare number) is left alone; what cannot be evaluated stays as typed. Raises
        InvalidInput for a plain name that does not exist, unless it stands in what looks like template code, and for a
        picture that cannot be drawn.
        """
        pieces: list[str] = []
        done = 0
        code = TemplateCode(text)
        for expression in braces.find(text):
            if (found := self._found(expression, code)) is not None:
                pieces += [text[done : expression.start], place(found, expression, text)]
                done = expression.end
                self._note(found)
        return "".join([*pieces, text[done:]])

    def prompt(self, text: str) -> messages.Prompt:
        """The text, filled in, with the pictures that it names. Raises InvalidInput as `fill` does."""
        filled = self.fill(text)
        return [{"type": "text", "text": filled}, *self.parts] if self.parts else filled

    def _note(self, found: Described) -> None:
        self.notes += [note for note in found.notes if note not in self.notes]
        self.parts += [part for part in found.parts if part not in self.parts]

    def value(self, expression: Expression) -> Any:
        """The value of an expression, in a namespace of its own: it may bind nothing outside."""
        return eval(expression.source, self._namespace)

    def _found(self, expression: Expression, code: TemplateCode) -> Described | None:
        if expression.is_number:
            return None
        name = expression.name
        if name and name not in self._namespace:
            if not hasattr(builtins, name) and not code.holds(expression.start, expression.end):
                raise self._missing(name)
            self._leave(expression)
            return None
        try:
            return self._described(expression, code)
        except InvalidInput:
            raise
        except Exception:  # whatever the user's own code raises
            self._leave(expression)
            return None

    def _described(self, expression: Expression, code: TemplateCode) -> Described | None:
        value = self.value(expression)
        if isinstance(value, _NEVER_MEANT) and (
            sources.read(value) is None or code.holds(expression.start, expression.end)
        ):
            self._leave(expression)
            return None
        if not expression.conversion and is_level(expression.spec):
            return describe.described(value, expression.source, Level.read(expression.spec))
        if expression.conversion or expression.spec:
            return Described(describe.formatted(value, expression.conversion, self._spec(expression.spec)))
        found = describe.described(value, expression.source)
        return replace(found, is_text=True) if isinstance(value, str) else found

    def _spec(self, spec: str) -> str:
        if "{" not in spec:
            return spec
        return str(eval(f"f{spec!r}", self._namespace))

    def _leave(self, expression: Expression) -> None:
        if expression.source not in self.unresolved:
            self.unresolved.append(expression.source)

    def _missing(self, name: str) -> InvalidInput:
        near = difflib.get_close_matches(name, self._namespace, 1)
        hint = f" Did you mean {{{{{near[0]}}}}}?" if near else ""
        return InvalidInput(
            f"There is no variable {name!r} for {{{{{name}}}}}; nothing was sent.{hint} To send it as typed, add --raw."
        )


def interpolate(text: str, namespace: Mapping[str, Any]) -> Prompt:
    """Replace each `{{expression}}` in a text by the text of its value, as `Interpolation.fill` promises."""
    interpolation = Interpolation(namespace)
    text = interpolation.fill(text)
    return Prompt(text, tuple(interpolation.unresolved), tuple(interpolation.notes), tuple(interpolation.parts))


def expressions(text: str) -> tuple[ast.Module, ...]:
    """The expressions in a prompt, as code."""
    return tuple(code for expression in braces.find(text) for code in expression.code)


def global_names(text: str) -> set[str]:
    """The names from outside that the expressions in a prompt read."""
    codes = (compile(code, "<prompt>", "exec") for code in expressions(text))
    return {name for code in codes for name in functions.global_names(code)}


def as_text(value: Any) -> str:
    """A value as the model reads it: see `describe.describe`."""
    return describe.describe(value)
