"""Every error body of the contract, section 6.1, becomes one clear line."""

import httpx
import pytest

from edenai_nb import Sandbox, errors
from edenai_nb.api import failures
from edenai_nb.sandbox.script import Done, Opening, Script
from edenai_nb.settings import Settings

from .failing import NewChat, failure

KEY = "sk-eden-0123456789abcdef"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"


def from_response(response):
    response.request = httpx.Request("POST", "https://api.edenai.run/v3/chat/completions")
    return failures.from_response(response, Settings(api_key=KEY))


SHAPES = [
    (401, {"detail": "Invalid token"}, errors.AuthenticationFailed, "Invalid token"),
    (403, {"detail": "Not authenticated"}, errors.PermissionDenied, "Not authenticated"),
    (402, {"error": "Insufficient credits"}, errors.OutOfCredits, "Insufficient credits"),
    (402, {"detail": "Insufficient credits"}, errors.OutOfCredits, "Insufficient credits"),
    (402, {"detail": "No credits", "error_code": "INSUFFICIENT_CREDIT"}, errors.OutOfCredits, "No credits"),
    (
        429,
        {"detail": "Rate limit exceeded", "error_code": "RATE_LIMITED", "retry_after": 1.5},
        errors.RateLimited,
        "Rate",
    ),
    (
        422,
        {"detail": [{"loc": ["body", "fallbacks"], "msg": "too many", "type": "x"}]},
        errors.RequestRefused,
        "fallbacks",
    ),
    (451, {"detail": {"error": "region", "message": "Not in the EU"}}, errors.RegionNotAllowed, "Not in the EU"),
    (
        401,
        {"type": "error", "error": {"type": "authentication_error", "message": "bad"}},
        errors.AuthenticationFailed,
        "bad",
    ),
    (401, {"error": {"message": "no", "type": "authentication_error", "code": 401}}, errors.AuthenticationFailed, "no"),
    (400, {"error": {"type": "x", "message": {"field": ["wrong"]}}}, errors.RequestRefused, "wrong"),
    (404, {"details": "Not Found"}, errors.RequestRefused, "Not Found"),
    (
        400,
        {
            "error": {
                "message": "Model(s) not found or inactive: a/b",
                "type": "invalid_request_error",
                "param": None,
                "code": "invalid_parameter",
            }
        },
        errors.UnknownModel,
        "a/b",
    ),
    (400, {"error": {"message": "long", "code": "context_length_exceeded"}}, errors.ContextTooLong, "long"),
    (
        503,
        {"error": {"message": "down", "type": "server_error", "code": "service_unavailable"}},
        errors.ServerTrouble,
        "down",
    ),
    (408, {"error": {"message": "late", "code": "request_timeout"}}, errors.ServerTrouble, "late"),
    (400, {"error": {"message": "bad value", "param": "top_p"}}, errors.RequestRefused, "(parameter top_p)"),
    (
        400,
        {"error": {"message": "This model's maximum context length is 8192 tokens"}},
        errors.ContextTooLong,
        "--new",
    ),
    (400, {"error": {"message": "exceeds the maximum number of tokens allowed (9)"}}, errors.ContextTooLong, "--new"),
    (400, {"error": {"message": "no", "code": "content_policy_violation"}}, errors.RequestRefused, "filter"),
    (403, {"detail": "Model denied by guardrail 'team'"}, errors.PermissionDenied, "guardrail"),
    (500, {"error": {"message": "overloaded", "llm_provider": "anthropic"}}, errors.ServerTrouble, "anthropic: "),
    (401, {"error": {"message": "bad key", "provider": "openai"}}, errors.AuthenticationFailed, "key is fine"),
    (429, {"detail": "Slow down", "retry_after": 7}, errors.RateLimited, "in 7 s"),
    (500, {"error": 7}, errors.ServerTrouble, "500"),
    (500, {"error": {"message": "x", "code": "9" * 5000}}, errors.ServerTrouble, "x"),
]


@pytest.mark.parametrize(("status", "body", "kind", "words"), SHAPES)
def test_each_documented_body_names_its_error(status, body, kind, words):
    error = from_response(httpx.Response(status, json=body))
    assert type(error) is kind
    assert error.status == status
    assert words in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>502 Bad Gateway</body></html>", b"\xff\xfe", b"[]", b"null", b"{}"]
)
def test_a_body_that_says_nothing_leaves_the_status(body):
    error = from_response(httpx.Response(502, content=body))
    assert type(error) is errors.ServerTrouble
    assert "502" in str(error)


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("3", 3, 3), ("0.5", 0.5, 0.5), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), ("soon", None, None)],
)
def test_retry_after_is_understood_in_seconds_and_as_a_date(header, low, high):
    wait = from_response(httpx.Response(429, headers={"Retry-After": header})).retry_after
    assert wait == low == high


def test_an_error_is_one_line_in_a_notebook():
    assert from_response(httpx.Response(401, json={"detail": "Invalid token"}))._render_traceback_()[0].count("\n") == 0


def test_a_key_in_the_servers_message_is_not_repeated():
    error = from_response(httpx.Response(401, json={"detail": f"Invalid token {KEY}, not {JWT}"}))
    assert str(error).startswith("Invalid token [key], not [key].")


@pytest.mark.parametrize("place", [480, 490, 498, 4990])
def test_a_key_at_the_end_of_what_is_shown_is_not_shown_in_part(place):
    key = "an-opaque-key-0123456789abcdef"
    error = failures.from_chunk({"error": {"message": "x " * (place // 2) + key}}, Settings(api_key=key))
    assert "an-opa" not in str(error)


@pytest.mark.parametrize("text", ["exceeds a ", "eyJ-", "Model(s) not found ", "x\n\n", "\x07"])
@pytest.mark.parametrize("name", ["message", "code", "param", "type", "provider"])
def test_an_error_of_any_length_is_one_short_line(name, text):
    # A pattern that is not linear would take hours.
    error = failures.from_chunk({"error": {"message": "no", name: text * (10_000_000 // len(text))}}, Settings())
    assert len(str(error)) < 700
    assert str(error).isprintable()
    assert len(error.code or "") <= 100


def test_a_redirect_is_refused_and_names_only_the_host():
    where = {"Location": f"https://{KEY}.evil.example/{KEY}?x=1"}
    error = from_response(httpx.Response(307, headers=where))
    assert type(error) is errors.RequestRefused
    assert "evil.example" in str(error)
    assert KEY not in str(error)


def test_a_web_page_says_that_it_is_one():
    assert "web page" in str(from_response(httpx.Response(502, content=b" <html>oops</html>")))


def test_of_a_long_error_body_only_the_beginning_is_read():
    read = []
    pieces = (read.append(1) or b"x" * 4096 for _ in range(10_000))
    assert "503" in str(from_response(httpx.Response(503, content=pieces)))
    assert len(read) == failures.MAX_BODY // 4096 + 1


def test_a_redirect_is_not_followed(sandbox: Sandbox, chat: NewChat) -> None:
    with Sandbox() as other:
        sandbox.enqueue(Script(status=307, headers={"Location": f"{other.base_url}/chat/completions"}))
        assert "127.0.0.1" in str(failure(chat(), errors.RequestRefused))
        assert other.requests == []


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
