"""A local stand-in for Eden AI: a demo that needs no key, and the server of the tests."""

from .record import Request
from .script import (
    Bill,
    Call,
    Choice,
    Close,
    Done,
    Finish,
    Gate,
    HangUp,
    Headers,
    Opening,
    Pause,
    Reset,
    Script,
    Stall,
    Thinking,
)
from .server import Sandbox

__all__ = [
    "Bill",
    "Call",
    "Choice",
    "Close",
    "Done",
    "Finish",
    "Gate",
    "HangUp",
    "Headers",
    "Opening",
    "Pause",
    "Request",
    "Reset",
    "Sandbox",
    "Script",
    "Stall",
    "Thinking",
]
