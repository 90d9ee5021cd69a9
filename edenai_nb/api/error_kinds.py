"""Chooses the EdenError for an error body, and the advice on what to do next."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .. import errors
from .error_bodies import Said

_BY_STATUS: Mapping[int, type[errors.EdenError]] = {
    401: errors.AuthenticationFailed,
    402: errors.OutOfCredits,
    403: errors.PermissionDenied,
    408: errors.ServerTrouble,  # the provider timed out behind Eden AI
    429: errors.RateLimited,
    451: errors.RegionNotAllowed,
}
_BY_CODE: Mapping[str, type[errors.EdenError]] = {
    "invalid_api_key": errors.AuthenticationFailed,
    "authentication_error": errors.AuthenticationFailed,
    "insufficient_credit": errors.OutOfCredits,
    "insufficient_credits": errors.OutOfCredits,
    "insufficient_quota": errors.OutOfCredits,
    "insufficient_balance": errors.OutOfCredits,
    "billing_error": errors.OutOfCredits,
    "billing_not_active": errors.OutOfCredits,
    "billing_hard_limit_reached": errors.OutOfCredits,
    "exceeded_current_quota_error": errors.OutOfCredits,
    "budget_exceeded": errors.OutOfCredits,
    "model_not_found": errors.UnknownModel,
    "context_length_exceeded": errors.ContextTooLong,
    "context_window_exceeded": errors.ContextTooLong,
    "model_max_prompt_tokens_exceeded": errors.ContextTooLong,
    "tokens_limit_reached": errors.ContextTooLong,
    "string_above_max_length": errors.ContextTooLong,
    "exceed_context_size_error": errors.ContextTooLong,
    "rate_limit_exceeded": errors.RateLimited,
    "rate_limit_error": errors.RateLimited,
    "rate_limited": errors.RateLimited,
    "region_not_allowed": errors.RegionNotAllowed,
    "overloaded_error": errors.ServerTrouble,
}


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_NOT_FILES = r"(?!.{0,40}\b(?:image|audio|file|video|pdf|document)s?\b)"
# What providers write when a prompt is too long: they agree neither on a code nor on a status.
_TOO_LONG = _any(
    r"\b(?:exceed\w*|max(?:imum)?|longer|larger|greater|too (?:long|large)|only|limit)\b"
    r".{0,80}\bcontext[ _]?(?:length|window|size)",
    r"\bcontext[ _]?(?:length|window|size|limit)\b.{0,60}(?:exceed|overflow|too )",
    r"\bexceeds?\b.{0,40}\bcontext\b",
    rf"\b(?:prompt|inputs?|messages?|conversation|query)\b{_NOT_FILES}.{{0,40}}\btoo (?:long|large|big)\b",
    r"\btoo many (?:input |prompt )?tokens\b(?! per|.{0,5}please wait)",
    rf"\b(?:prompt|inputs?|conversation)[ _`]*(?:tokens?|length|size)?\b(?! should be){_NOT_FILES}"
    r".{0,60}\b(?:exceed\w*|(?:longer|greater|larger|more) than)\b"
    r".{0,60}\b(?:limit|maximum|allowed|length|context|tokens)\b",
    r"\binput tokens\b.{0,30}\bexceed\w* \d{3,}",
    r"\b(?:prompt|inputs?|conversation)\b.{0,60}\bover the (?:limit|maximum)|tokens in request more than max",
    r"\bmax(?:imum)? (?:prompt|input|context|sequence|model|allowed input) (?:length|size|tokens?)",
    r"maximum number of (?:input |prompt )?tokens allowed",
    r"\btoken limit (?:of \d+ )?(?:is |was )?exceeded|exceeded (?:the )?(?:model |input |prompt )?token limit",
    r"\breduce (?:the|your) (?:(?:length|size|number) of (?:the |your )?)?(?:prompt|inputs?|messages?|context)",
    r"\bshorte(?:r|n)\b.{0,20}\b(?:prompt|inputs?)\b|input tokens or output tokens must be reduced",
    r"inputs?`? (?:tokens \+|must have less than)|range of input length|input length should be",
    r"\b(?:up to \d+ tokens|maximum of \d+ input tokens)|expected maxLength|string too long",
    r"context the overflows|tokens to keep from the initial prompt",
    r"request (?:body )?too large for .{0,200}token",
    r"超长|超过.{0,20}(?:长度|上下文|token)|(?:长度|上下文).{0,20}超",
)
_ANSWER_TOO_LONG = _any(r"^\W*max(?:_\w+)?_tokens\b")
# No credit or quota is left and waiting does not help, although many send it as 429, a rate limit.
_NOTHING_LEFT = _any(
    r"exceeded (?:your|the) (?:\w+ ){0,2}(?:quota|credits?|budget)",
    r"insufficient[ _](?:quota|credit|balance|fund)",
    r"\bquota (?:has been |was |is )?(?:exceeded|exhausted|reached)|(?:exceeded|exhausted|used up) (?:\w+ ){0,3}quota",
    r"plans? (?:and|&) billing|billing (?:hard )?limit|billing (?:is )?not|check your billing",
    r"\bcredit (?:balance|limit)|account balance|no remaining \w+|negative balance|balance is (?:too low|not enough)",
    r"\b(?:out of|no|enough|more|all available|monthly included|add|purchase|buy) (?:more )?(?:credits?|funds)\b",
    r"payment required|credits? (?:have |has |are |is )?(?:been )?(?:exhausted|used up|depleted|expired)",
    r"\b(?:monthly|spending|spend|usage|hard) (?:\w+ )?(?:limit|cap|quota|budget)\b|budget (?:has been )?exceeded",
    r"account is not active|account\b.{0,60}\b(?:suspended|overdue|past due|in arrears)|arrearage|recharge|top[ -]?up",
    r"余额不足|欠费|充值|额度",
)
_ANOTHER_PLAN = _any(
    r"\b(?:plan|subscription|(?<!service )tier|trial|subscribe|upgrade|billing|payment)\b",
    r"\bfree (?:allocat\w+|credits?|quota)",
)
_PASSES = _any(
    r"\b(?:again|retry|wait)\b.{0,20}\b(?:in|after|for)\b.{0,10}\d|please (?:wait|slow down)",
    r"(?:\bper|_per|/)[ _-]?(?:second|sec|minute|min|hour|hr|day)|\b(?:[RT]P[SMDH]|[IO]TPM)\b",
    r"\brate limit of your current\b",
)
_WAIT = _any(
    r"\b(?:again|retry|wait)\b.{0,20}?\b(?:in|after|for)\b *"
    r"(?:(\d{1,4}) ?h(?:ours?)?)? ?(?:(\d{1,4}) ?m(?:in(?:ute)?s?)?(?!s))? ?(?:(\d{1,6}(?:\.\d+)?) ?(ms|s))?"
)
_FOR_GOOD = _any(r"\blimit: 0\b", r"insufficient[ _](?:quota|credit|balance|fund)", r"余额不足|欠费")
_NO_MODEL = _any(
    r"Model\(s\) (?:not found|do not support)",
    r"\bmodels?\b.{0,100}?\b(?:not found|does not exist|not exist)\b",
    r"\b(?:unknown|invalid|no such|unrecognized) model\b|^model: \S+$",
)
# The contract (6.2) gives 404 for an unknown file, 400 for what a request names wrongly, and no words for either.
_NO_FILE = _any(
    r"\bfiles?(?:[_ ]?ids?)?(?:\(s\))?\b(?! (?:ur[il]|type)).{0,60}?"
    r"(?:not (?:be )?found|(?:not|n't) exist|no longer|expired|deleted|no such|unknown)\b",
    r"\b(?:no such|not find|unknown|expired) (?:the |uploaded )?file(?:_id|\b(?! (?:ur[il]|type)))",
)
_OUR_KEY = _any(r"^(?:invalid token|not authenticated|custom token not found)\b")

_CHECK_KEY = "Check EDENAI_API_KEY, or run %edenchat login."
_OTHER_KEY = "Your Eden AI key is fine: take another model, or check your own key for this provider."
_NEXT: Mapping[type[errors.EdenError], str] = {
    errors.AuthenticationFailed: _CHECK_KEY,
    errors.OutOfCredits: "Add credits at https://app.edenai.run, or raise the key's budget.",
    errors.PermissionDenied: "Check the key and your organisation's guardrails at https://app.edenai.run.",
    errors.UnknownModel: "Look the id up with edenai_nb.models().",
    errors.UnknownFile: "Attach it again.",
    errors.ContextTooLong: "Shorten the prompt, start again with --new, or take a model with a longer context.",
    errors.RateLimited: "Wait and run it again.",
    errors.RegionNotAllowed: "Choose a model with @eu, or the default host.",
    errors.ServerTrouble: "Run it again, or take another model.",
}
# When the provider refused Eden AI's key, or the user's own key for that provider.
_NEXT_BY_PROVIDER: Mapping[type[errors.EdenError], str] = {
    errors.AuthenticationFailed: _OTHER_KEY,
    errors.PermissionDenied: _OTHER_KEY,
    errors.OutOfCredits: "Waiting does not help: take another model, or raise the limit of your own key there.",
}
_FILTERED = "The provider's filter refuses this: word it differently, or take another model."
_UNSUPPORTED = "Leave that parameter out, or take a model that knows it."
_NEXT_BY_CODE: Mapping[str, str] = {"content_policy_violation": _FILTERED, "unsupported_params": _UNSUPPORTED}
_NEXT_BY_WORDS: Mapping[re.Pattern[str], str] = {
    _any(r"content[ _](?:polic|filter|management)|safety (?:system|filter|setting)|\bflagged\b|moderation"): _FILTERED,
    _any(r"unsupported (?:parameter|value|argument)|does(?: not|n't) support .{0,40}parameter"): _UNSUPPORTED,
}
_NEXT_BY_STATUS: Mapping[int, str] = {
    400: "Change what it names, or take another model.",
    404: "Check base_url.",
    405: "Check base_url.",
    409: "Something else is using it just now: run it again.",
    413: "Attach smaller or fewer files, or start again with --new.",
    415: "Attach another kind of file, or check base_url.",
    422: "Correct what it names, or leave it out.",
}


def kind(said: Said, status: int | None) -> type[errors.EdenError]:
    """The class of the error: by its message, then its code, then its status, as gateways replace codes."""
    return _by_words(said.message, status) or _by_code(said) or _by_status(status or 500)


def advice(kind: type[errors.EdenError], said: Said, status: int | None, wait: float | None) -> str:
    """What to do next, in a sentence."""
    if said.code in _NEXT_BY_CODE:
        return _NEXT_BY_CODE[said.code]
    if said.provider and kind in _NEXT_BY_PROVIDER:
        return _NEXT_BY_PROVIDER[kind]
    if kind is errors.OutOfCredits and status == 429:
        return "Waiting does not help: take another model, or add credits (Eden AI's: https://app.edenai.run)."
    if kind is errors.PermissionDenied and _OUR_KEY.search(said.message):
        return _CHECK_KEY
    if kind is errors.RateLimited and wait:
        return f"Run it again in {max(1, wait):.0f} s."
    if kind is not errors.RequestRefused:
        return _NEXT.get(kind, "")
    if meant := next((advice for words, advice in _NEXT_BY_WORDS.items() if words.search(said.message)), None):
        return meant
    return _NEXT_BY_STATUS.get(400 if said.provider else status or 0, "")


def wait_in_words(message: str) -> float | None:
    """The seconds in `Please try again in 7m12.5s`, for gateways that drop the `Retry-After` header."""
    match = _WAIT.search(message)
    if not match or not any(match.groups()):
        return None
    hours, minutes, rest, unit = match.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(rest or 0) / (1000 if unit == "ms" else 1)


def _by_words(message: str, status: int | None) -> type[errors.EdenError] | None:
    if _TOO_LONG.search(message) and not _ANSWER_TOO_LONG.match(message):
        return errors.ContextTooLong
    if _nothing_left(message, status):
        return errors.OutOfCredits
    if _NO_MODEL.search(message) and status in (None, 400, 404):
        return errors.UnknownModel
    if _NO_FILE.search(message) and status in (400, 404):
        return errors.UnknownFile
    if _OUR_KEY.search(message) and status != 403:
        return errors.AuthenticationFailed
    return None


def _nothing_left(message: str, status: int | None) -> bool:
    if _FOR_GOOD.search(message):
        return True
    words = _NOTHING_LEFT.search(message) or (status in (402, 429) and _ANOTHER_PLAN.search(message))
    return bool(words) and not _PASSES.search(message)


def _by_code(said: Said) -> type[errors.EdenError] | None:
    words = (said.code.lower(), said.type.lower())
    return next((_BY_CODE[word] for word in words if word in _BY_CODE), None)


def _by_status(status: int) -> type[errors.EdenError]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return errors.RequestRefused if 300 <= status < 500 else errors.ServerTrouble
