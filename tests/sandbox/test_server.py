"""The sandbox's life: it starts, stops, starts again, and never holds up an exit."""

import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from edenai_nb.sandbox import Sandbox

from .client import DEADLINE_S, Client


def run(source):
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)


def test_starting_and_stopping_twice_is_the_same_as_once():
    sandbox = Sandbox(tokens_per_s=None)
    sandbox.stop()
    assert sandbox.start() is sandbox
    port = sandbox.port
    sandbox.start()
    assert (sandbox.port, sandbox.base_url) == (port, f"http://127.0.0.1:{port}/v3")
    assert Client(sandbox).chat()[0] == 200
    sandbox.stop()
    sandbox.stop()
    with pytest.raises(ConnectionRefusedError):
        Client(sandbox).chat()


def test_a_sandbox_that_starts_again_has_the_same_address():
    with Sandbox(tokens_per_s=None) as sandbox:
        address = sandbox.base_url
        assert Client(sandbox).chat()[0] == 200
    with sandbox:
        assert sandbox.base_url == address
        assert Client(sandbox).chat()[0] == 200


def test_no_thread_and_no_socket_is_left_after_stop():
    def open_files():
        return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0

    def once():
        with Sandbox() as sandbox, Client(sandbox).open() as wire:
            wire.recv(1)

    once()
    threads, files = threading.active_count(), open_files()
    for _ in range(5):
        once()
    assert (threading.active_count(), open_files()) == (threads, files)


def test_a_taken_port_is_an_error_where_the_sandbox_is_started():
    with Sandbox() as first, pytest.raises(OSError, match=r"[Aa]ddress already in use|only one usage"):
        Sandbox(port=first.port).start()


def test_two_sandboxes_do_not_know_each_other():
    with Sandbox(tokens_per_s=None) as one, Sandbox(tokens_per_s=None) as other:
        one.enqueue("from one")
        assert "no model was called" in Client(other).whole()["choices"][0]["message"]["content"]
        assert Client(one).whole()["choices"][0]["message"]["content"] == "from one"
        assert (len(one.requests), len(other.requests)) == (1, 1)


def test_it_listens_on_loopback_only(sandbox):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: it asks for the address that would be used
            outside = probe.getsockname()[0]
        except OSError:
            outside = "127.0.0.2"  # no network: another loopback address must not answer either
    with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
        socket.create_connection((outside, sandbox.port), timeout=DEADLINE_S)


def test_importing_the_sandbox_imports_no_server():
    done = run("import sys, edenai_nb.sandbox; print('tornado' in sys.modules, 'asyncio' in sys.modules)")
    assert done.stdout.split() == ["False", "False"], done.stderr


def test_a_process_that_forgets_to_stop_it_ends_by_itself_in_mid_stream():
    done = run(
        "import edenai_nb.sandbox as s, socket, json\n"
        "box = s.Sandbox(); box.start(); box.enqueue(s.Script.raw(s.Headers(), s.Stall()))\n"
        "body = json.dumps({'model': 'sandbox/echo', 'stream': True, 'messages': [{'role': 'user', 'content': 'x'}]})\n"
        "wire = socket.create_connection(('127.0.0.1', box.port))\n"
        "head = 'POST /v3/chat/completions HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: Bearer sandbox\\r\\n'\n"
        "head += 'Content-Type: application/json\\r\\n'\n"
        "wire.sendall(f'{head}Content-Length: {len(body)}\\r\\n\\r\\n{body}'.encode())\n"
        "print(wire.recv(12))\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "b'HTTP/1.1 200'\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch and no Ctrl-C for one child")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_how_to_use_it_and_ends_on_a_signal(number):
    command = [sys.executable, "-m", "edenai_nb.sandbox", "--port", "0", "--tokens-per-s", "0", "--rate", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        base = next(word for word in line.split() if word.startswith("EDENAI_API_BASE=")).partition("=")[2]
        assert "EDENAI_API_KEY=sandbox" in line
        client = Client(Sandbox(port=int(base.rpartition(":")[2].removesuffix("/v3"))))
        assert client.chat()[0] == 200
        assert 429 in {client.chat()[0] for _ in range(9)}
        process.send_signal(number)
        out, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, out, err) == (0, "", "")


def test_the_command_says_when_the_port_is_taken(sandbox):
    command = [sys.executable, "-m", "edenai_nb.sandbox", "--port", str(sandbox.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "--port" in done.stderr


def test_a_hundred_streams_at_once_are_all_complete(sandbox, client):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(client.whole(model="sandbox/long")["choices"][0]["message"]))
        for _ in range(100)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len({answer["content"] for answer in answers}) == 1
    assert len(answers) == 100
