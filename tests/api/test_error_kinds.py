"""The same misfortune in every provider's words is the same error, with the same advice."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from edenai_nb import errors
from edenai_nb.api import failures
from edenai_nb.settings import Settings

WORDS = json.loads((Path(__file__).parent / "provider_words.json").read_text("utf-8"))


def told(status: int, message: str, code: str, type: str) -> errors.EdenError:
    response = httpx.Response(status, json={"error": {"message": message, "type": type, "code": code, "param": None}})
    response.request = httpx.Request("POST", "https://api.edenai.run/v3/chat/completions")
    return failures.from_response(response, Settings())


@pytest.mark.parametrize("status", [400, 413, 422, 429, 500])
@pytest.mark.parametrize("words", WORDS["too long"])
def test_a_prompt_that_is_too_long_is_named_in_any_words_and_with_any_status(words: str, status: int) -> None:
    error = told(status, words, "invalid_request", "invalid_request_error")
    assert type(error) is errors.ContextTooLong
    assert "Shorten the prompt, start again with --new" in str(error)


@pytest.mark.parametrize("words", WORDS["another limit"])
def test_another_limit_is_not_taken_for_a_prompt_that_is_too_long(words: str) -> None:
    assert type(told(400, words, "invalid_request", "invalid_request_error")) is not errors.ContextTooLong


@pytest.mark.parametrize("words", WORDS["nothing left"])
def test_where_nothing_is_left_429_is_no_rate_limit(words: str) -> None:
    error = told(429, words, "rate_limit_exceeded", "rate_limit_error")
    assert type(error) is errors.OutOfCredits
    assert "Waiting does not help" in str(error)


@pytest.mark.parametrize("words", WORDS["passes"])
def test_a_limit_that_passes_is_a_rate_limit_whatever_is_for_sale(words: str) -> None:
    assert type(told(429, words, "rate_limit_exceeded", "rate_limit_error")) is errors.RateLimited


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 20s.", 20),
        ("Please try again in 7m12.5s. Need more?", 432.5),
        ("Please retry after 6 seconds.", 6),
        ("Try again in 500ms", 0.5),
        ("Try again in 2 minutes", 120),
        ("Try again in 1h2m", 3720),
        ("Try again later", None),
        ("Slow down", None),
    ],
)
def test_the_wait_is_read_from_the_words_where_no_header_tells_it(words: str, seconds: float | None) -> None:
    assert told(429, words, "rate_limit_exceeded", "rate_limit_error").retry_after == seconds


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Model(s) not found or inactive: amazon/nova:0", "amazon/nova:0"),
        ("The model `gpt-6` does not exist or you do not have access to it.", ""),
        ("models/gemini-9 is not found for API version v1beta", ""),
        ("model: claude-foo", "claude-foo"),
        ("Invalid model name passed in model=x. Call `/v1/models`", ""),
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_an_unknown_model_is_named_in_any_words(words: str, name: str, status: int) -> None:
    error = told(status, words, "invalid_parameter", "invalid_request_error")
    assert type(error) is errors.UnknownModel
    assert failures.unknown_model(error) == name


@pytest.mark.parametrize(
    ("words", "is_lost"),
    [
        ("File not found: 3f2a", True),
        ("File(s) not found", True),
        ("The file_id 3f2a doesn't exist.", True),
        ("Uploaded file has expired", True),
        ("No such file: 3f2a", True),
        ("Could not find file 3f2a", True),
        ("Unable to access file URL (status 404)", False),
        ("Unsupported file type: unknown", False),
        ("Unknown file type", False),
        ("The file is too large for this model", False),
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_a_file_that_the_store_does_not_have_is_known_by_its_words(words: str, is_lost: bool, status: int) -> None:
    error = told(status, words, "invalid_parameter", "invalid_request_error")
    assert type(error) is (errors.UnknownFile if is_lost else errors.RequestRefused)
    assert type(told(422, words, "", "")) is errors.RequestRefused


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("Your request was rejected as a result of our safety system.", "The provider's filter"),
        ("The response was filtered by Azure OpenAI's content management policy.", "The provider's filter"),
        ("Unsupported parameter: 'top_k' is not supported with this model.", "Leave that parameter out"),
        ("OpenAIException - Could not resolve the foundation model", "take another model"),
    ],
)
@pytest.mark.parametrize("status", [400, 404])
def test_the_advice_is_about_what_was_said(words: str, advice: str, status: int) -> None:
    assert advice in str(told(status, words, "", ""))


@pytest.mark.parametrize(
    ("status", "ours", "theirs"),
    [
        (401, "Check EDENAI_API_KEY", "Your Eden AI key is fine"),
        (403, "Check the key", "Your Eden AI key is fine"),
        (402, "https://app.edenai.run", "raise the limit of your own key there"),
    ],
)
def test_a_refusal_of_the_providers_is_not_blamed_on_our_key(status: int, ours: str, theirs: str) -> None:
    assert ours in str(told(status, "No", "", ""))
    assert theirs in str(told(status, "MistralException - No", "", ""))


ADVICE = {
    400: "Change what it names",
    401: "Check EDENAI_API_KEY",
    402: "Add credits",
    403: "guardrails",
    404: "Check base_url",
    405: "Check base_url",
    408: "Run it again",
    409: "run it again",
    413: "Attach smaller or fewer files",
    415: "another kind of file",
    422: "Correct what it names",
    429: "Wait and run it again",
    451: "@eu",
    500: "Run it again",
    502: "Run it again",
    503: "Run it again",
    504: "Run it again",
    529: "Run it again",
}


@pytest.mark.parametrize("status", ADVICE)
def test_every_status_says_what_to_do(status: int) -> None:
    assert ADVICE[status] in str(told(status, "It is so", "", ""))
