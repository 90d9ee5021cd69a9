"""Maps the providers' finish_reasons to those of the contract (section 3.2)."""

from __future__ import annotations

from typing import Any

_NONE = ("", "null", "none", "finish_reason_unspecified", "unspecified", "unknown")
_WORDS = {
    "stop": "stop end_turn stop_sequence eos eos_token end_of_sequence end complete completed finish finished done",
    "length": (
        "length max_tokens max_token max_output_tokens max_completion_tokens max_new_tokens max_length model_length "
        "token_limit context_length context_length_exceeded model_context_window_exceeded incomplete error_limit"
    ),
    "content_filter": (
        "content_filter content_filtered filtered safety recitation language blocklist prohibited_content spii "
        "image_safety image_prohibited_content image_recitation refusal guardrail_intervened sensitive moderation "
        "moderated blocked error_toxic content_policy_violation"
    ),
    "tool_calls": "tool_calls tool_call tool_use tool",
    "function_call": "function_call",
    "error": (
        "error failed failure network_error insufficient_system_resource internal_error internal_server_error "
        "server_error upstream_error provider_error timeout timed_out abort aborted cancelled canceled user_cancel "
        "interrupted overloaded malformed_function_call malformed_tool_call unexpected_tool_call"
    ),
}
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()} | dict.fromkeys(_NONE)


def meaning(reason: Any) -> str | None:
    """The contract's word for a provider's `finish_reason`, or `error`; an unknown word is returned unchanged.

    None for an empty one, for "null", and for what is not a string.
    """
    if not isinstance(reason, str):
        return None
    word = reason.strip().lower().replace("-", "_").replace(" ", "_")
    return _MEANING.get(word, reason.strip())
