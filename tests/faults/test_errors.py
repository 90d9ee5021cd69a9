"""What goes wrong on the way to an answer is one clear line that says what to set."""

from __future__ import annotations

import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard

import edenai_nb
from edenai_nb import Chat, Sandbox, errors
from edenai_nb.api import retry, stream
from edenai_nb.sandbox.script import Bill, Done, Finish, Gate, Headers, Opening, Pause, Script, Stall

from .. import tls
from ..api.counting import saying

NewChat = Callable[..., Chat]
DEADLINE_S = 20.0
ANSWER = b'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
CHUNK = {"choices": [{"index": 0, "delta": {"content": "Half"}, "finish_reason": None}]}
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def failure(chat: Chat, kind: type[errors.EdenError]) -> errors.EdenError:
    with pytest.raises(errors.EdenError) as caught:
        chat.ask("Hello")
    assert type(caught.value) is kind, caught.value
    assert "\n" not in str(caught.value)
    return caught.value


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


# The model


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


# Limits


def test_silence_before_the_first_token_names_its_limit(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(Stall()))
    said = str(failure(chat(first_token_s=0.1), errors.TimedOut))
    assert "0.1 s: raise first_token_s" in said
    assert "%edenchat config first_token_s=0.2, in Python edenai_nb.configure(first_token_s=0.2)" in said


def test_silence_between_tokens_names_its_limit_and_keeps_the_text(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(Opening(), "Half", Stall()))
    error = failure(chat(between_tokens_s=0.1), errors.TimedOut)
    assert "0.1 s: raise between_tokens_s" in str(error)
    assert error.partial == "Half"


def test_a_connection_that_takes_too_long_names_its_limit(chat: NewChat) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        queue = [socket.socket() for _ in range(3)]  # nobody accepts, and the queue is full: SYNs are dropped
        for waiting in queue:
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        error = failure(chat(base_url=f"http://127.0.0.1:{port}/v3", connect_s=0.2), errors.TimedOut)
        for waiting in queue:
            waiting.close()
    assert "0.2 s" in str(error)
    assert "connect_s" in str(error)


def test_keep_alive_comments_are_no_words(sandbox: Sandbox, chat: NewChat) -> None:
    # Given comments that would never end, where no single read is silent for long
    pings = [step for _ in range(1000) for step in (b": ping\n\n", Pause(0.05))]
    # Then the limits count from the question to the first word, and from word to word
    sandbox.enqueue(Script.raw(*pings), Script.raw(Opening(), "Half", *pings))
    assert "0.3 s: raise first_token_s" in str(failure(chat(first_token_s=0.3), errors.TimedOut))
    error = failure(chat(between_tokens_s=0.3), errors.TimedOut)
    assert "0.3 s: raise between_tokens_s" in str(error)
    assert error.partial == "Half"


def test_keep_alive_comments_do_no_harm(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(*[b": ping\n\n", Pause(0.02)] * 5, Opening(), "H", b": ping\n\n", "i", Finish(), Done()))
    assert chat(first_token_s=DEADLINE_S).ask("Hello") == "Hi"


def test_looking_the_name_up_is_a_part_of_connecting(chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given name servers that do not answer
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(DEADLINE_S) and [])
    started = time.monotonic()
    error = failure(chat(base_url="https://slow.example/v3", connect_s=0.2), errors.TimedOut)
    assert time.monotonic() - started < DEADLINE_S / 4
    assert "connect_s" in str(error)
    answered.set()


def test_a_server_is_found_by_its_name(sandbox: Sandbox, chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    looked_up = []

    def getaddrinfo(host: str, *more: Any, **how: Any) -> Any:
        looked_up.append(host)
        return real("127.0.0.1", *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    sandbox.enqueue("Hi")
    assert chat(base_url=f"http://api.localhost:{sandbox.port}/v3").ask("Hello") == "Hi"
    assert set(looked_up) == {"api.localhost"}


@pytest.mark.parametrize("name", ["a" * 64 + ".example", "no-such-host.invalid", "x..example"])
def test_what_is_no_name_points_at_dns(chat: NewChat, name: str) -> None:
    assert "DNS" in str(failure(chat(base_url=f"https://{name}/v3"), errors.Unreachable))


# The way there


def test_an_unknown_name_points_at_dns(chat: NewChat) -> None:
    assert "DNS" in str(failure(chat(base_url="https://no-such-host.invalid/v3"), errors.Unreachable))


def test_a_refused_connection_points_at_the_port(chat: NewChat) -> None:
    error = failure(chat(base_url=f"http://127.0.0.1:{free_port()}/v3"), errors.Unreachable)
    assert "refuses the connection: check the port" in str(error)


def test_a_proxy_that_is_not_there_is_named_without_its_password(
    chat: NewChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hush@127.0.0.1:{port}")
    error = failure(chat(base_url="https://api.edenai.run/v3"), errors.Unreachable)
    assert f"The proxy 127.0.0.1:{port} cannot be reached" in str(error)
    assert "hush" not in str(error)


def test_a_proxy_that_refuses_is_named(sandbox: Sandbox, chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", sandbox.base_url)  # which answers CONNECT with 404
    assert "refuses to connect to api.edenai.run" in str(
        failure(chat(base_url="https://api.edenai.run/v3"), errors.Unreachable)
    )


@pytest.mark.parametrize(
    ("status", "words", "requests"),
    [
        (407, "does not accept the user name and password", 1),
        (403, "refuses to connect to api.edenai.run", 1),
        (404, "refuses to connect to api.edenai.run", 1),
        (502, "cannot connect to api.edenai.run", 4),
        (503, "cannot connect to api.edenai.run", 4),
    ],
)
def test_only_407_is_about_the_proxys_password(
    chat: NewChat, monkeypatch: pytest.MonkeyPatch, status: int, words: str, requests: int
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE_S", 0.001)
    with saying(b"HTTP/1.1 %d Sorry\r\nContent-Length: 0\r\n\r\n" % status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base_url.replace("//", "//me:hush@"))
        said = str(failure(chat(base_url="https://api.edenai.run/v3", retry_s=DEADLINE_S), errors.Unreachable))
    assert words in said
    assert ("password" in said) == (status == 407)
    assert "hush" not in said
    assert len(proxy.requests) == requests


@pytest.mark.parametrize("exception", ["localhost,127.0.0.1,::1/128", "[::1]", "fd07:b51a::/64,*.example"])
def test_an_exception_that_httpx_cannot_read_stops_nothing(
    chat: NewChat, monkeypatch: pytest.MonkeyPatch, exception: str
) -> None:
    monkeypatch.setenv("NO_PROXY", exception)
    assert "DNS" in str(failure(chat(base_url="https://no-such-host.invalid/v3"), errors.Unreachable))


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "what://ever", "http://[::1"])
def test_a_proxy_that_cannot_be_used_says_so(chat: NewChat, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    assert "ALL_PROXY" in str(failure(chat(base_url="https://api.edenai.run/v3"), errors.InvalidInput))


def test_a_local_address_never_goes_through_a_proxy(
    sandbox: Sandbox, chat: NewChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    sandbox.enqueue("Hi")
    assert chat().ask("Hello") == "Hi"


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ({}, "an authority that is not trusted here"),
        ({"expired": True}, "clock"),
        ({"host": "10.1.2.3"}, "for another name than 127.0.0.1"),
    ],
)
def test_a_bad_certificate_says_what_to_set(
    chat: NewChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: dict[str, Any], words: str
) -> None:
    pem = tls.certificate(tmp_path, **certificate)
    if certificate:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with tls.serving(pem) as base_url:
        assert words in str(failure(chat(base_url=base_url), errors.Unreachable))


def test_the_certificates_that_the_user_names_are_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = tls.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with tls.serving(pem) as base_url:
        assert [model.id for model in edenai_nb.models(base_url=base_url)] == ["over/tls"]


def test_a_folder_of_certificates_counts_beside_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, other = tls.certificate(tmp_path), tls.certificate(tmp_path, host="10.1.2.3", owner="somebody else")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    monkeypatch.setenv("SSL_CERT_DIR", str(tls.folder_of(ours, tmp_path / "certificates")))
    with tls.serving(ours) as base_url:
        assert [model.id for model in edenai_nb.models(base_url=base_url)] == ["over/tls"]


def test_a_log_of_tls_secrets_that_cannot_be_written_is_named(chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)  # which leaves it aside
    monkeypatch.setenv("SSLKEYLOGFILE", "/no/such/keys.log")
    assert "SSLKEYLOGFILE" in str(failure(chat(base_url="https://unlogged.invalid/v3"), errors.InvalidInput))


def test_what_is_no_tls_says_so(chat: NewChat) -> None:
    with tls.serving(None) as base_url:
        assert "does not speak TLS" in str(failure(chat(base_url=base_url), errors.Unreachable))


def test_certificates_that_cannot_be_read_are_named(chat: NewChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    assert "SSL_CERT_FILE" in str(failure(chat(base_url="https://unread.invalid/v3"), errors.InvalidInput))


def test_the_machines_own_certificates_are_trusted_where_truststore_is_installed() -> None:
    import truststore

    from edenai_nb.api.account import account_of
    from edenai_nb.settings import Settings

    assert isinstance(account_of(Settings()).tls, truststore.SSLContext)


# What comes back


def test_a_redirect_is_not_followed(sandbox: Sandbox, chat: NewChat) -> None:
    with Sandbox() as other:
        sandbox.enqueue(Script(status=307, headers={"Location": f"{other.base_url}/chat/completions"}))
        assert "127.0.0.1" in str(failure(chat(), errors.RequestRefused))
        assert other.requests == []


@pytest.mark.parametrize("kind", ["text/html", "text/event-stream", "application/json"])
def test_a_web_page_is_no_answer(sandbox: Sandbox, chat: NewChat, kind: str) -> None:
    sandbox.enqueue(Script.raw(b"\n <!doctype html><p>Log in", headers={"Content-Type": kind}))
    assert "web page" in str(failure(chat(), errors.MalformedStream))


def test_text_that_is_no_stream_is_no_answer(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(b"upstream hiccup\nretry later\n"))
    assert "not the stream" in str(failure(chat(), errors.MalformedStream))


def test_garbage_before_the_first_event_is_no_harm(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(b"\xff\xfegarbage: here\n\n" + ANSWER))
    assert chat().ask("Hello") == "Hi"


def test_an_empty_answer_says_so(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(Headers()))
    assert "before the first word" in str(failure(chat(), errors.Unreachable))


def test_an_error_with_status_200_is_an_error(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.json({"status": "fail", "error": {"message": "no funds", "code": "insufficient_credit"}}))
    assert "no funds" in str(failure(chat(), errors.OutOfCredits))


def test_an_error_in_mid_stream_keeps_the_text(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(Opening(), "Half", {"error": {"message": "overloaded", "provider": "openai"}}, Done()))
    error = failure(chat(), errors.ServerTrouble)
    assert str(error).startswith("openai: overloaded")
    assert error.partial == "Half"


@pytest.mark.parametrize("data", [b'{"type": "overloaded_error", "message": "Overloaded"}', b"Overloaded"])
def test_an_event_that_is_called_error_is_one(sandbox: Sandbox, chat: NewChat, data: bytes) -> None:
    sandbox.enqueue(Script.raw(Opening(), "Half", b"event: error\ndata: " + data + b"\n\n", Done()))
    error = failure(chat(), errors.ServerTrouble)
    assert str(error).startswith("Overloaded.")
    assert error.partial == "Half"


def test_json_that_is_no_answer_is_an_error(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.json({"object": "list", "data": []}))
    assert "not a chat completion" in str(failure(chat(), errors.MalformedStream))


@pytest.mark.parametrize("garbage", [b"data: {oops\n\n", b"data: 7\n\n", b'data: {"choices": {"a": 1}}\n\n'])
def test_a_malformed_chunk_ends_the_turn_with_the_text_so_far(sandbox: Sandbox, chat: NewChat, garbage: bytes) -> None:
    sandbox.enqueue(Script.raw(Opening(), "Half", garbage, " lost", Finish(), Done()))
    assert failure(chat(), errors.MalformedStream).partial == "Half"


def packer(coding: str) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    """What packs a piece so that it can be unpacked at once, and what ends it."""
    if coding == "br":
        br = brotli.Compressor()
        return lambda piece: br.process(piece) + br.flush(), br.finish
    if coding == "zstd":
        zstd = zstandard.ZstdCompressor().compressobj()
        return lambda piece: zstd.compress(piece) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), zstd.flush
    packed = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
    return lambda piece: packed.compress(piece) + packed.flush(zlib.Z_SYNC_FLUSH), packed.flush


CODINGS = ["gzip", "deflate", "br", "zstd"]


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("packets", ["token", 1])
def test_compressed_answers_are_unpacked(sandbox: Sandbox, chat: NewChat, coding: str, packets: str | int) -> None:
    pack, end = packer(coding)
    packed = b"".join(map(pack, ANSWER.splitlines(keepends=True))) + end()
    sandbox.enqueue(Script.raw(packed, headers={"Content-Encoding": coding}, packets=packets))
    assert chat().ask("Hello") == "Hi"
    assert sandbox.requests[-1].headers["accept-encoding"] == "identity"  # a gateway would hold back what it packs


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_answer_streams(sandbox: Sandbox, chat: NewChat, coding: str) -> None:
    # Given an answer whose second half is held back
    gate, (pack, end) = threading.Event(), packer(coding)
    half = ANSWER.index(b"data: [DONE]")
    one, two = pack(ANSWER[:half]), pack(ANSWER[half:]) + end()
    sandbox.enqueue(Script.raw(one, Gate(gate), two, headers={"Content-Encoding": coding}))
    # When it is asked for
    turn = chat().send("Hello")
    # Then the first half is there before the second is sent
    assert next(reply for reply in turn.frames() if reply) == "Hi"
    gate.set()
    assert turn.wait(10).complete


def test_what_cannot_be_unpacked_says_so(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.raw(b"\x1f\x8b no gzip", headers={"Content-Encoding": "gzip"}))
    assert "cannot be unpacked" in str(failure(chat(), errors.MalformedStream))


@pytest.mark.parametrize("coding", ["none", "identity", "None, identity", "utf-8", "gzip", "br", "aws-chunked", ""])
@pytest.mark.parametrize("packets", ["token", "whole"])
def test_an_answer_that_only_says_it_is_packed_is_read(
    sandbox: Sandbox, chat: NewChat, coding: str, packets: str
) -> None:
    sandbox.enqueue(Script.raw(b": ping\n\n", ANSWER, headers={"Content-Encoding": coding}, packets=packets))
    assert chat().ask("Hello") == "Hi"


@pytest.mark.parametrize("coding", ["exotic", "gzip, exotic"])
def test_a_coding_that_was_not_asked_for_is_named(sandbox: Sandbox, chat: NewChat, coding: str) -> None:
    sandbox.enqueue(Script.raw(b"\x01\x02", headers={"Content-Encoding": coding}))
    assert "as exotic" in str(failure(chat(), errors.MalformedStream))


# Who holds it back


def test_a_whole_answer_instead_of_a_stream_is_read_and_said(sandbox: Sandbox, chat: NewChat) -> None:
    message = {"role": "assistant", "content": "Whole"}
    sandbox.enqueue(Script.json({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}))
    turn = chat().send("Hello")
    assert turn.wait() == "Whole"
    assert turn.note == stream.BUFFERED


@pytest.mark.parametrize(("waits", "note"), [(True, stream.BUFFERED), (False, None)])
def test_a_stream_that_comes_all_at_once_after_a_long_wait_is_said_to_be_held_back(
    sandbox: Sandbox, chat: NewChat, monkeypatch: pytest.MonkeyPatch, waits: bool, note: str | None
) -> None:
    monkeypatch.setattr(stream, "BUFFERED_S", 0.3 if waits else 30)
    monkeypatch.setattr(stream, "FASTEST_PER_S", 200)
    sandbox.enqueue(Script.raw(Pause(0.4), Opening(), "word " * 60, Finish(), Bill(), Done(), packets="whole"))
    turn = chat().send("Hello")
    assert turn.wait().complete
    assert turn.note == note


# Much, and in odd pieces


def test_a_megabyte_in_one_event_is_read(sandbox: Sandbox, chat: NewChat) -> None:
    text = "x" * 1_000_000
    sandbox.enqueue(Script.raw({"choices": [{"index": 0, "delta": {"content": text}}]}, Finish(), Done(), packets=1000))
    assert chat().ask("Hello") == text


def test_one_byte_a_packet_is_read(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.text("naïve ∑ 🙂", packets=1))
    reply = chat().ask("Hello")
    assert reply == "naïve ∑ 🙂"
    assert reply.usage


def test_a_hundred_thousand_events_are_read(sandbox: Sandbox, chat: NewChat) -> None:
    sandbox.enqueue(Script.text("abcd" * 100_000, packets="whole"))
    assert len(chat().ask("Hello")) == 400_000
