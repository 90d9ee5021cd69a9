"""Chooses the tools that the sandbox calls for a request, and their arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .completion import message_text
from .fitting import json_text
from .refusals import invalid
from .schemas import Unfit
from .script import Call, Script

MOST_CALLS = 8
_MODES = ("none", "auto", "required")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_WORD = re.compile(r"[a-z]{4,}")


def refused(body: Mapping[str, Any]) -> Script | None:
    """400 for invalid tools and for an invalid `tool_choice`, with OpenAI's messages."""
    functions = []
    for number, tool in enumerate(body.get("tools") or ()):
        if problem := _tool_problem(tool, f"tools[{number}]"):
            return problem
        functions.append(tool["function"]["name"])
    return _choice_problem(body.get("tool_choice"), functions)


def calls(body: Mapping[str, Any]) -> list[Call]:
    """The tool calls that answer the request; [] if it is answered with text."""
    functions = [tool["function"] for tool in body.get("tools") or ()]
    choice = body.get("tool_choice") or "auto"
    if isinstance(choice, dict):
        chosen = [function for function in functions if function["name"] == choice["function"]["name"]][:1]
    elif choice == "none" or (choice == "auto" and body["messages"][-1]["role"] == "tool"):
        chosen = []
    else:
        chosen = _mentioned(functions, _last_question(body))
    most = 1 if body.get("parallel_tool_calls") is False else MOST_CALLS
    return [Call(function["name"], _arguments(function)) for function in chosen[:most]]


def results(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name of the tool, its result) for each tool message at the end."""
    names = {
        call["id"]: call["function"].get("name")
        for message in body["messages"]
        if message["role"] == "assistant"
        for call in message.get("tool_calls") or ()
        if isinstance(call.get("function"), dict)
    }
    found: list[tuple[str, str]] = []
    for message in reversed(body["messages"]):
        if message["role"] != "tool":
            break
        found.insert(0, (str(names.get(message["tool_call_id"])), message_text(message)))
    return found


def _mentioned(functions: list[dict[str, Any]], prompt: str) -> list[dict[str, Any]]:
    """The functions whose name shares a word with the prompt, else those whose description does, else all."""
    words = _words(prompt)
    for about in ("name", "description"):
        if found := [function for function in functions if words & _words(str(function.get(about) or ""))]:
            return found
    return functions


def _words(text: str) -> set[str]:
    return set(_WORD.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()))


def _last_question(body: Mapping[str, Any]) -> str:
    return next((message_text(m) for m in reversed(body["messages"]) if m["role"] == "user"), "")


def _arguments(function: Mapping[str, Any]) -> str:
    return json_text({"type": "object", **(function.get("parameters") or {})})


def _tool_problem(tool: Mapping[str, Any], at: str) -> Script | None:
    if tool.get("type") != "function":
        words = f"Invalid value for '{at}.type'. Supported values are: 'function'."
        return invalid(words, f"{at}.type", "invalid_value")
    function = tool.get("function")
    if not isinstance(function, dict) or "name" not in function:
        missing = f"{at}.function" if not isinstance(function, dict) else f"{at}.function.name"
        return invalid(f"Missing required parameter: '{missing}'.", missing, "missing_required_parameter")
    name = function["name"]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        words = f"Invalid '{at}.function.name': expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
        return invalid(words, f"{at}.function.name", "invalid_value")
    return _parameters_problem(function, f"{at}.function.parameters")


def _parameters_problem(function: Mapping[str, Any], at: str) -> Script | None:
    parameters = function.get("parameters")
    try:
        if not isinstance(parameters, dict | None) or not _arguments(function).startswith("{"):
            raise Unfit("it must be a JSON Schema of 'type: \"object\"'")
    except Unfit as unfit:
        words = f"Invalid schema for function '{function['name']}': {unfit}."
        return invalid(words, at, "invalid_function_parameters")
    return None


def _choice_problem(choice: Any, functions: list[str]) -> Script | None:
    if choice is None:
        return None
    if not functions:
        words = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
        return invalid(words, "tool_choice", None)
    if isinstance(choice, str):
        words = "Invalid value for 'tool_choice'. Supported values are: 'none', 'auto', and 'required'."
        return None if choice in _MODES else invalid(words, "tool_choice", "invalid_value")
    function = choice.get("function") if choice.get("type") == "function" else None
    name = function.get("name") if isinstance(function, dict) else None
    if name is None:
        words = "Missing required parameter: 'tool_choice.function.name'."
        return invalid(words, "tool_choice.function.name", "missing_required_parameter")
    words = f"Invalid value for 'tool_choice': no function named {name!r} was specified in the 'tools' parameter."
    return None if name in functions else invalid(words, "tool_choice", None)
