"""What the providers take as a strict schema, as a table, with a validator of it.

Sources, read in November 2026 in stored public copies; where a page of the provider was not stored, a third party's
account of it stands in:
- openai: https://jsonschemaprofiles.unitvectorylabs.com/schemas/openai (a third party's account of OpenAI's "Structured
  Outputs: supported schemas", February 2026)
- anthropic: https://repo.hex.pm/docs/lang_schema-0.7.1.tar.gz:LangSchema.Converter.Anthropic.html (a third party's
  account of https://platform.claude.com/docs/en/build-with-claude/structured-outputs)
- google: https://jsonschemaprofiles.unitvectorylabs.com/schemas/gemini (a third party's account of Google's "Structured
  output: JSON Schema support", February 2026); `anyOf` by https://hexdocs.pm/gemini_ex/structured_outputs.html
- groq: https://console.groq.com/docs/structured-outputs.md (its own page: all required, all closed)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_BASIC = {"type", "description", "enum", "properties", "required", "items", "additionalProperties", "anyOf"}
_NUMBERS = {"minimum", "maximum"}
_REFERENCES = {"$ref", "$defs"}


@dataclass(frozen=True)
class Provider:
    """keywords: all that it takes.    closed: every object says `additionalProperties: false`, and requires all.
    recursion: whether a schema may hold itself.    levels: of nested objects.    properties: in all.
    """

    keywords: frozenset[str]
    closed: bool = True
    recursion: bool = False
    levels: int = 10
    properties: int = 5000


PROVIDERS = {
    "openai": Provider(frozenset({*_BASIC, *_NUMBERS, *_REFERENCES, "pattern", "format", "minItems"}), recursion=True),
    "anthropic": Provider(frozenset({*_BASIC, *_REFERENCES, "format", "pattern", "const", "default", "allOf"})),
    "google": Provider(frozenset({*_BASIC, *_NUMBERS, "title", "format", "prefixItems", "minItems"}), closed=False),
    "groq": Provider(frozenset(_BASIC)),
}


def faults(schema: Any, provider: Provider, level: int = 0) -> Iterator[str]:
    """Everything in a schema that this provider does not take."""
    if level == 0 and (schema.get("type") != "object" or "anyOf" in schema):
        yield "the root is no object"
    yield from (f"has {keyword}" for keyword in schema.keys() - provider.keywords)
    if "$ref" in schema and not provider.recursion:
        yield "refers"
    if "type" not in schema and "anyOf" not in schema:
        yield "has no type"
    properties = schema.get("properties")
    if "object" in str(schema.get("type")) and provider.closed:
        if schema.get("additionalProperties") is not False:
            yield "is open"
        if set(schema.get("required", ())) != set(properties or ()):
            yield "does not require all"
    if "array" in str(schema.get("type")) and "items" not in schema:
        yield "has no items"
    if level > 2 * provider.levels:
        yield "is too deep"
    inner = [*(properties or {}).values(), *schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    for part in inner:
        yield from faults(part, provider, level + 1)
