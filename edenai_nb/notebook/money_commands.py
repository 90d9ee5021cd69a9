"""The commands about prices and bills: `%edenchat models` and `%edenchat cost`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from IPython.display import display

from ..errors import InvalidInput
from . import command_options
from .session import Session

COST: Mapping[str, Callable[[str], Any]] = {"--by": str, "--since": str}
MODELS: Mapping[str, Callable[[str], Any]] = {
    "--provider": str,
    "--max-price": float,
    "--supports": str,
    "--eu": command_options.SWITCH,
    "--for": str,
}


def models(session: Session, *words: str) -> None:
    """Show the models that fit."""
    from ..views.models import models as find_models

    looked_for, given = command_options.read(words, MODELS)
    display(find_models(looked_for, job=given.pop("for", None), **given))  # type: ignore[no-untyped-call]


def cost(session: Session, *words: str) -> None:
    """Show what was billed."""
    from ..views.cost import cost as cost_by

    plain, given = command_options.read(words, COST)
    if plain:
        raise InvalidInput(f"%edenchat cost takes --by and --since, not {plain[0]!r}.")
    display(cost_by(**given))  # type: ignore[no-untyped-call]
