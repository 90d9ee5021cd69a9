"""What tests of failures share: a question that fails, and a port on which nobody listens."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from edenai_nb import Chat, errors

NewChat = Callable[..., Chat]
DEADLINE_S = 20.0


def failure(chat: Chat, kind: type[errors.EdenError]) -> errors.EdenError:
    """The error of a question, which must be of exactly this kind and one line."""
    with pytest.raises(errors.EdenError) as caught:
        chat.ask("Hello")
    assert type(caught.value) is kind, caught.value
    assert "\n" not in str(caught.value)
    return caught.value


def free_port() -> int:
    """A port of this machine that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
