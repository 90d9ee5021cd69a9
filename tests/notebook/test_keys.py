"""A key in a real notebook: noticed in a cell, and in no output."""

from __future__ import annotations

from edenai_nb.sandbox import Sandbox, Script

from ..kernel import Kernel

KEY = "sk-eden-4f1d0c9a7e52b8c3d6"


def test_a_notebook_that_fails_in_every_way_never_shows_the_key(kernel: Kernel) -> None:
    # Given a kernel whose key is in the environment, and a server that repeats it
    with Sandbox(tokens_per_s=0) as sandbox:
        sandbox.enqueue(*[Script.error(401, {"detail": f"Invalid token {KEY}"})] * 3)
        kernel.run(f"import os, base64; os.environ['EDENAI_API_KEY'] = ''.join({list(KEY)})")
        kernel.run(
            f"os.environ['EDENAI_API_BASE'] = {sandbox.base_url!r}\n%load_ext edenai_nb\nimport edenai_nb as eden"
        )
        # When cells fail
        cells = [
            "%%edenchat --wait\nhello",
            "%%edenchat ans\nhello",
            "print(ans)",
            "%xmode Verbose\neden.ask('hello')",
            "%edenchat config",
            "%edenchat config api_key=abc",
            "eden.ask('hello', base_url='http://example.com/v3')",
            "eden.ask('hello', base_url='https://no-such-host.invalid/v3')",
            "eden.Chat()",
        ]
        results = [kernel.run(cell) for cell in cells]
        kernel.wait(lambda: "Invalid token" in str(results[1].outputs))
    # Then nothing that was said holds the key
    said = "".join(str(vars(result)) for result in results) + str(kernel.comms)
    assert "Invalid token [key]" in said
    assert KEY not in said
    assert [result.error for result in results[2:4]] == ["AuthenticationFailed"] * 2


def test_a_key_typed_into_a_cell_is_noticed_until_the_extension_is_unloaded(kernel: Kernel) -> None:
    kernel.run("%load_ext edenai_nb")
    assert "%edenchat login" in kernel.run(f"key = {KEY!r}").stderr
    kernel.run("%unload_ext edenai_nb")
    assert kernel.run(f"key = {KEY!r}").stderr == ""


def test_login_in_a_kernel_where_nobody_types_is_one_line(kernel: Kernel) -> None:
    kernel.run("%load_ext edenai_nb")
    result = kernel.run("%edenchat login", allow_stdin=False)
    assert result.error == "InvalidInput"
    assert "EDENAI_API_KEY" in result.error_message


def test_a_cell_with_a_secret_is_held_back_until_it_is_allowed(kernel: Kernel) -> None:
    with Sandbox(tokens_per_s=0) as sandbox:
        kernel.run(f"%load_ext edenai_nb\nimport edenai_nb as eden\ntoken = 'gh' + 'p_' + {'aB3dE5gH7' * 4!r}")
        kernel.run(f"eden.configure(base_url={sandbox.base_url!r}, api_key='sandbox')")
        held = kernel.run("%%edenchat --wait\nUse {{token}}")
        assert (held.error, len(sandbox.requests)) == ("SecretsFound", 0)
        assert kernel.run("%%edenchat --wait --allow-secrets\nUse {{token}}").status == "ok"
        assert kernel.run("%%edenchat --wait --max-cost 0.000001\nHello").error == "BudgetExceeded"
        kernel.run("%edenchat config budget=0.0000001")
        assert kernel.run("%%edenchat --wait\nHello").error == "BudgetExceeded"
        assert len([request for request in sandbox.requests if request.method == "POST"]) == 1
