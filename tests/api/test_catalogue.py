"""The models of the server: listed, kept, and the nearest ones to an unknown name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import edenai_nb
from edenai_nb import Chat, Sandbox, errors
from edenai_nb.api import stream

from .failing import NewChat, failure


@pytest.mark.parametrize(
    ("typo", "meant"), [("openai/gpt-5-mimi", "openai/gpt-5-mini"), ("claude-opus5", "anthropic/claude-opus-5")]
)
def test_an_unknown_model_is_answered_with_the_three_nearest(chat: NewChat, typo: str, meant: str) -> None:
    error = failure(chat(model=typo), errors.UnknownModel)
    suggested = str(error).partition("Did you mean ")[2]
    assert meant in suggested
    assert suggested.count("/") == 3
    assert error.status == 400


def test_the_unknown_one_of_several_models_is_the_one_that_is_looked_up(chat: NewChat) -> None:
    error = failure(chat(fallbacks=["mistral/mistral-smal-latest"]), errors.UnknownModel)
    assert "Did you mean mistral/mistral-small-latest" in str(error)


def test_a_catalogue_that_drips_does_not_hold_the_error_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SUGGESTION_S", 0.2)
    with dripping() as base_url, pytest.raises(errors.UnknownModel, match="no/such") as caught:
        Chat(base_url=base_url, api_key="sandbox", model="no/such").ask("Hello")
    assert "Did you mean" not in str(caught.value)


@contextmanager
def dripping() -> Iterator[str]:
    """A server that refuses the model, and then sends the catalogue a byte at a time, for ever."""
    body = b'{"error": {"message": "Model(s) not found or inactive: no/such"}}'
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    ended = threading.Event()

    def serve(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            client.recv(65536)
            client.sendall(head % len(body) + body)
            client.recv(65536)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not ended.wait(0.02):
                try:
                    client.sendall(b" ")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v3"
        ended.set()
        thread.join()


def test_the_models_are_listed_without_a_key_and_read_once(sandbox: Sandbox) -> None:
    first, again = (edenai_nb.models(base_url=sandbox.base_url) for _ in range(2))
    by_id = {model.id: model for model in first}
    assert first == again
    assert [request.path for request in sandbox.requests] == ["/v3/models"]
    assert by_id["openai/gpt-5-mini"].input_price == pytest.approx(0.25e-6)
    assert by_id["mistral/mistral-small-latest"].output_price == pytest.approx(0.18e-6)  # a string on the wire
    assert by_id["openai/gpt-image-2"].input_price is None
    assert by_id["openai/gpt-latest"].alias_of == "openai/gpt-5.6-sol"
    assert by_id["fireworks_ai/accounts/fireworks/models/glm-5p3"].provider == "fireworks_ai"
    assert by_id["cloudflare/@cf/qwen/qwen3.8-27b"].capabilities == {}
