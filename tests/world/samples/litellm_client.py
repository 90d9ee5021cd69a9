"""LiteLLM's SDK asks the sandbox; what it understood is printed as one JSON object. BASE_URL and KEY are arguments."""

import asyncio
import json
import sys

import litellm

BASE_URL, KEY = sys.argv[1:]
QUESTION = [{"role": "user", "content": "What is the weather in Paris? 🙂"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}]
litellm.suppress_debug_info = True


def ask(model="openai/sandbox/echo", key=KEY, **fields):
    return litellm.completion(model=model, messages=QUESTION, api_base=BASE_URL, api_key=key, num_retries=0, **fields)


async def ask_without_waiting():
    how = {"api_base": BASE_URL, "api_key": KEY, "stream": True}
    stream = await litellm.acompletion(model="openai/sandbox/echo", messages=QUESTION, **how)
    return [chunk.choices[0].delta.content or "" async for chunk in stream]


def refused(**fields):
    try:
        ask(**fields)
    except Exception as error:
        return [type(error).__name__, getattr(error, "status_code", None)]
    return None


whole = ask()
call = ask(model="openai/openai/gpt-5-mini", tools=TOOLS, tool_choice="required").choices[0].message.tool_calls[0]
streamed = list(ask(model="openai/openai/gpt-5-mini", tools=TOOLS, stream=True))
rebuilt = litellm.stream_chunk_builder(streamed).choices[0].message.tool_calls[0]
understood = {
    "whole": whole.choices[0].message.content,
    "tokens": whole.usage.total_tokens,
    "streamed": [chunk.choices[0].delta.content or "" for chunk in ask(stream=True)],
    "without waiting": asyncio.run(ask_without_waiting()),
    "call": [call.function.name, json.loads(call.function.arguments)],
    "streamed call": [rebuilt.function.name, json.loads(rebuilt.function.arguments)],
    "wrong key": refused(key="nonsense"),
    "no such model": refused(model="openai/openai/none"),
    "wrong field": refused(temperature=3),
}
print(json.dumps(understood))
