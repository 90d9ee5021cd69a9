"""Every error body of the contract, section 6.1, becomes one clear line."""

import httpx
import pytest

from edenai_nb import errors
from edenai_nb.api.failures import from_response

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
