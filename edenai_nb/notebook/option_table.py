"""The options of a question: one table, from which parser, request, help, completion and README come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import option_values

KEPT = "answers.jsonl"  # beside the notebook


@dataclass(frozen=True)
class Option:
    """One option: its spellings, and what the help calls its value ("" for a switch).

    field: the setting or field of the request that it gives.    values: what Tab offers, "model", "chat" or "variable".
    A `help` of "" keeps an option out of help, completion and README.
    """

    flags: str
    value: str
    help: str
    field: str = ""
    read: Callable[[str], Any] = str
    many: bool = False
    values: str = ""

    @property
    def spellings(self) -> list[str]:
        """Every way to write it: `-m`, `--model`."""
        return self.flags.split()

    @property
    def usage(self) -> str:
        """Its spellings and its value, as the help shows them."""
        return f"{', '.join(self.spellings)} {self.value}".rstrip()

    @property
    def name(self) -> str:
        """What the parsed value is called: the long spelling."""
        return self.spellings[-1].strip("-").replace("-", "_")


OPTIONS = (
    Option(
        "-o --out",
        "NAME",
        "the variable for the answer; -o may be left out (the last answer is always in _eden)",
        values="variable",
    ),
    Option(
        "-m --model",
        "ID",
        "the model, such as anthropic/claude-sonnet-latest, or an alias of yours; several answer side by side",
        "model",
        option_values.model,
        True,
        "model",
    ),
    Option("-s --system", "TEXT", "what the model should be or do, from now on in this conversation", "system"),
    Option("-c --chat", "NAME", "continue another conversation than `main`", values="chat"),
    Option("--new", "", "start the conversation again"),
    Option("--once", "", "a single question, outside of any conversation"),
    Option("-t --temperature", "X", "0 (steady) to 2 (wild)", "temperature", float),
    Option("--max-tokens", "N", "the longest answer", "max_tokens", int),
    Option("--dry-run", "", "show what would be sent and what it would cost, and send nothing"),
    Option("--max-cost", "USD", "send it only if it should not cost more", "max_cost", float),
    Option(
        "--tag",
        "KEY=TEXT",
        "what it is booked under, here and at Eden AI; up to ten",
        "tags",
        option_values.tag,
        True,
    ),
    Option("--keep", "[PATH]", f"ask once: the answer is kept in {KEPT}, or in another file (.jsonl)", "keep"),
    Option("--fresh", "", "ask again what is kept, and keep the new answer", "fresh"),
    Option("--allow-secrets", "", "send it even if it seems to hold a key or a password", "allow_secrets"),
    Option("--fallback", "ID", "whom to ask where that one fails; up to three", "fallbacks", many=True, values="model"),
    Option("--candidates", "IDS", "models, with commas between, of which `-m @edenai` takes one", "candidates"),
    Option(
        "--quality-cost",
        "0..10",
        "for `-m @edenai`: from 0 (best) to 10 (cheapest)",
        "quality_cost",
        int,
    ),
    Option("--sort", "WORD", "which provider of a model: cost, speed, latency or exact", "sort"),
    Option("--providers", "NAMES", "only these providers, with commas between", "providers", values="provider"),
    Option("--no-fallbacks", "", "one attempt: an error rather than another provider", "no_fallbacks"),
    Option("--eu", "", "Eden AI's address in the EU, and only models there", "eu"),
    Option(
        "--schema",
        "TYPE",
        "what the answer is made of: a type of yours, list[TYPE], or a JSON Schema",
        "schema",
        values="type",
    ),
    Option("--json", "", "any JSON", "json"),
    Option("--frame", "", "the answer's records as a DataFrame: of polars where you use that, else of pandas"),
    Option(
        "--image",
        "X",
        "a picture: a path, an address, a variable, or last-figure; may be given more than once",
        many=True,
        values="picture",
    ),
    Option("--file", "X", "a file, in the same ways; ~ and * as in a shell", many=True, values="variable"),
    Option(
        "-f --form",
        "FORM",
        "how the answer is shown: markdown, text, json or code (with --wait also as a cell below)",
        read=option_values.form,
        values="form",
    ),
    Option(
        "-p --param",
        "KEY=JSON",
        "any other field of the request; may be given more than once",
        "",
        option_values.param,
        True,
    ),
    Option(
        "--over",
        "ROWS",
        "ask about each row of it ({{row}}, {{row.title}}); the variable is a Batch, as of eden.map "
        "(which alone has executor=)",
        values="variable",
    ),
    Option("--rate", "N", "with --over: requests a second, instead of the account's limit", "rate", float),
    Option("--max-concurrency", "N", "with --over: how many rows are asked at once, at most", "max_concurrency", int),
    Option("--rows-per-call", "N", "with --over and --schema: how many rows go in one request", "rows_per_call", int),
    Option("--wait", "", "keep the kernel until the answer is complete"),
    Option("-q --quiet", "", "show nothing, only bind the variable"),
    Option("--raw", "", "leave {{expressions}} as they are"),
    Option("-h --help", "", "show this text, and send nothing"),
    Option("--stream", "", ""),  # a habit from elsewhere: every answer streams
)
SPELLINGS = {spelling: option for option in OPTIONS for spelling in option.spellings}
