"""The request bodies that Eden AI accepts, by its OpenAPI document of 2026-09-06."""

from __future__ import annotations

from .shapes import Flag, Items, Maybe, Number, OneOf, Record, Shape, Table, Text, Union, Whole

ROLES = ("user", "assistant", "system", "tool", "developer", "function")


def _words(*words: str) -> Shape:
    return OneOf(words)


def _any_of(*shapes: Shape) -> Shape:
    return Union(shapes)


_CACHE_CONTROL = Record("CacheControl", {"type": _words("ephemeral"), "ttl": Maybe(Text())}, needs=("type",))
_BREAKPOINT = Record("PromptCacheBreakpoint", {"mode": Maybe(_any_of(_words("explicit"), Text()))})


def _part(label: str, type: str, content: Shape) -> Shape:
    """A content part of a message; its content is under the name of its type."""
    fields = {
        "cache_control": Maybe(_CACHE_CONTROL),
        "prompt_cache_breakpoint": Maybe(_BREAKPOINT),
        "type": _words(type),
        type: content,
    }
    return Record(label, fields, needs=("type", type))


_PARTS = _any_of(
    _part("MessageTextContent", "text", Text()),
    _part("MessageImageContent", "image_url", Record("MessageImageUrl", {"url": Text()}, needs=("url",))),
    _part(
        "MessageAudioContent",
        "input_audio",
        Record("MessageAudioInput", {"data": Text(), "format": Maybe(Text())}, needs=("data",)),
    ),
    _part(
        "MessageFileContent",
        "file",
        _any_of(
            Record("MessageFileUrlInput", {"file_id": Text()}, needs=("file_id",)),
            Record("MessageFileB64Input", {"file_data": Text()}, needs=("file_data",)),
        ),
    ),
    _part("MessageRefusalContent", "refusal", Text()),
)
_MESSAGE = Record(
    "Message",
    {
        "role": OneOf(ROLES),
        "content": Maybe(_any_of(Text(), Items(_PARTS))),
        "cache_control": Maybe(_CACHE_CONTROL),
    },
    needs=("role",),
)
_ROUTING = Record(
    "ProviderRoutingPreferences",
    {
        "sort": Maybe(_words("cost", "speed", "latency", "exact")),
        "sticky": Maybe(Flag()),
        "allow_fallbacks": Flag(),
        "quality_cost": Maybe(Whole(0, 10)),
        "allowed_providers": Maybe(Items(Text())),
    },
)
_CACHE_OPTIONS = Record(
    "PromptCacheOptions",
    {
        "mode": Maybe(_any_of(_words("implicit", "explicit"), Text())),
        "ttl": Maybe(_any_of(_words("30m"), Text())),
    },
)
_IMAGE_CONFIG = Record("GeminiImageConfig", {"aspect_ratio": Maybe(Text()), "image_size": Maybe(Text())}, closed=True)
_OPTIONS: dict[str, Shape] = {
    "routing": _ROUTING,
    "fallbacks": Items(Text(), most=3),
    "session_id": Text(most=256),
    "router_candidates": Items(Text(most=128), most=64),
    "pre_hooks": Items(Table()),
    "post_hooks": Items(Table()),
    "n": Whole(least=1),
    "reasoning_effort": _words("minimal", "low", "medium", "high", "max", "xhigh", "disable", "none"),
    "metadata": Table(),
    "frequency_penalty": Number(-2, 2),
    "logit_bias": Table(Number()),
    "logprobs": Flag(),
    "top_logprobs": Whole(0, 20),
    "max_tokens": Whole(least=1),
    "max_completion_tokens": Whole(least=1),
    "modalities": Items(Text()),
    "prediction": Table(),
    "audio": Table(),
    "presence_penalty": Number(-2, 2),
    "response_format": Table(),
    "seed": Whole(),
    "service_tier": _words("auto", "default", "flex", "scale", "priority"),
    "stop": _any_of(Text(), Items(Text())),
    "stream": Flag(),
    "stream_options": Table(),
    "temperature": Number(0, 2),
    "top_p": Number(0, 1),
    "tools": Items(Table()),
    "tool_choice": _any_of(Text(), Table()),
    "parallel_tool_calls": Flag(),
    "user": Text(),
    "function_call": _any_of(_words("none", "auto"), Table()),
    "functions": Items(Table()),
    "thinking": Table(),
    "web_search_options": Table(),
    "verbosity": _words("low", "medium", "high"),
    "prompt_cache_key": Text(),
    "prompt_cache_retention": _any_of(_words("in_memory", "24h"), Text()),
    "prompt_cache_options": _CACHE_OPTIONS,
    "extra_body": Table(),
    "image_config": _IMAGE_CONFIG,
    "extra_headers": Table(Text()),
}
COMPLETION = Record(
    "LlmCompletionBody",
    {"model": Text(), "messages": Items(_MESSAGE), **{name: Maybe(shape) for name, shape in _OPTIONS.items()}},
    needs=("model", "messages"),
)
# By the document ids are UUIDs; other ids are ignored here, like unknown ones.
DELETION = Record("DeleteFilesRequest", {"file_ids": Items(Text(), least=1, most=100)}, needs=("file_ids",))
UPLOAD = Record("Body_upload_file_v3_upload_post", {"expires_in_days": Whole(1, 30), "purpose": Text(1, 50)})
