"""Many rows against a server that allows so many requests a second: how many come, and how fast.

python -m tests.bench.batch [ROWS] [RATE] [LATENCY_S]      (200 rows, 10 a second, 1 s if not said)
python -m tests.bench.batch cpu [ROWS] [AT_ONCE]           (CPU of a row without a limit: 10,000, 200 at once)

Beside ours: the OpenAI SDK, litellm, chatlas and async-batch-llm, each where it is installed, as their documentation
says to ask many prompts at once. The 429s have no Retry-After.
"""

from __future__ import annotations

import asyncio
import importlib.util
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import edenai_nb as eden
from edenai_nb.sandbox import Sandbox
from edenai_nb.sandbox.script import Bill, Done, Finish, Opening, Pause, Script

MODEL = "openai/gpt-5-mini"
AT_ONCE = 50
PATIENCE_S = 200.0
Answers = Sequence[str | None]


def ours(base: str, prompts: list[str], at_once: int) -> Answers:
    """`eden.map` without any option about the pace."""
    return list(eden.map(prompts, None, model=MODEL, base_url=base, api_key="sandbox"))


def ours_without_limit(base: str, prompts: list[str], at_once: int) -> Answers:
    """`eden.map`, as many at once as the others."""
    free = {"rate": 1e6, "max_concurrency": at_once}
    return list(eden.map(prompts, None, model=MODEL, base_url=base, api_key="sandbox", **free))


def openai_sdk(base: str, prompts: list[str], at_once: int) -> Answers:
    """`AsyncOpenAI`, a semaphore, `gather`."""
    from openai import AsyncOpenAI

    async def run() -> Answers:
        limit = asyncio.Semaphore(at_once)
        async with AsyncOpenAI(base_url=base, api_key="sandbox") as client:

            async def ask(prompt: str) -> str | None:
                async with limit:
                    messages: Any = [{"role": "user", "content": prompt}]
                    answer = await client.chat.completions.create(model=MODEL, messages=messages)
                    return answer.choices[0].message.content

            found = await asyncio.gather(*map(ask, prompts), return_exceptions=True)
        return [None if isinstance(one, BaseException) else one for one in found]

    return asyncio.run(run())


def httpx_loop(base: str, prompts: list[str], at_once: int) -> Answers:
    """One `httpx.Client`, one prompt after the other: what HTTP alone costs."""
    import httpx

    with httpx.Client(headers={"Authorization": "Bearer sandbox"}) as client:
        found = []
        for prompt in prompts:
            body = {"model": MODEL, "messages": [{"role": "user", "content": prompt}]}
            answer = client.post(f"{base}/chat/completions", json=body)
            found.append(answer.json()["choices"][0]["message"]["content"] if answer.is_success else None)
        return found


def httpx_at_once(base: str, prompts: list[str], at_once: int) -> Answers:
    """One `httpx.AsyncClient`, as many prompts at once as the others."""
    import httpx

    async def run() -> Answers:
        gate = asyncio.Semaphore(at_once)
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        async with httpx.AsyncClient(headers={"Authorization": "Bearer sandbox"}, limits=limits, timeout=60) as client:

            async def ask(prompt: str) -> str | None:
                body = {"model": MODEL, "messages": [{"role": "user", "content": prompt}]}
                async with gate:
                    answer = await client.post(f"{base}/chat/completions", json=body)
                return answer.json()["choices"][0]["message"]["content"] if answer.is_success else None

            return await asyncio.gather(*map(ask, prompts))

    return asyncio.run(run())


def litellm(base: str, prompts: list[str], at_once: int) -> Answers:
    """`batch_completion`."""
    from litellm import batch_completion  # type: ignore[import-not-found]

    messages = [[{"role": "user", "content": prompt}] for prompt in prompts]
    found = batch_completion(f"openai/{MODEL}", messages, api_base=base, api_key="sandbox", max_workers=at_once)
    return [None if isinstance(one, BaseException) else one.choices[0].message.content for one in found]


def chatlas(base: str, prompts: list[str], at_once: int) -> Answers:
    """`parallel_chat_text`."""
    from chatlas import ChatOpenAICompletions, parallel_chat_text  # type: ignore[import-not-found]

    chat = ChatOpenAICompletions(model=MODEL, base_url=base, api_key="sandbox")
    found: list[str] = asyncio.run(parallel_chat_text(chat, prompts, max_active=at_once, on_error="continue"))
    return [one if isinstance(one, str) else None for one in found]


def async_batch_llm(base: str, prompts: list[str], at_once: int) -> Answers:
    """`process_prompts`; after a 429 it pauses for minutes, which nobody waits for."""
    from async_batch_llm import llm, process_prompts  # type: ignore[import-not-found]

    strategy = llm(f"openai-compatible:{MODEL}", base_url=base, api_key="sandbox")
    work = process_prompts(strategy, prompts, concurrency=at_once, preserve_order=True)
    try:
        found = asyncio.run(asyncio.wait_for(work, PATIENCE_S))
    except TimeoutError:
        return [None] * len(prompts)
    return [one.output if one.success else None for one in found.results]


WAYS: dict[str, Callable[[str, list[str], int], Answers]] = {
    "edenai_nb": ours,
    "openai": openai_sdk,
    "litellm": litellm,
    "chatlas": chatlas,
    "async_batch_llm": async_batch_llm,
    "httpx": httpx_loop,
    "httpx_at_once": httpx_at_once,
}


def race(rows: int, rate: float, latency_s: float) -> None:
    """Each way by itself against a server of its own."""
    print(f"{rows} rows, {rate:g} requests/s allowed, {latency_s:g} s each; ideal {rows / rate:.0f} s")
    for name, way in WAYS.items():
        if name.startswith("httpx") or not importlib.util.find_spec(name):
            continue
        with Sandbox(rate=rate, tokens_per_s=None) as sandbox:
            sandbox.enqueue(*[Script((Opening(), Pause(latency_s), "yes", Finish(), Bill(), Done()))] * rows)
            began = time.monotonic()
            found = way(sandbox.base_url, [f"Is {number} a number?" for number in range(rows)], AT_ONCE)
            seconds = time.monotonic() - began
            asked = sum(request.method == "POST" for request in sandbox.requests)
            lost = sum(one is None for one in found)
            share = rows / rate / seconds
            print(f"{name:15} {seconds:6.1f} s  {share:4.0%} of the limit  {lost:4} lost  {max(0, asked - rows)} 429s")


def cpu(rows: int, at_once: int) -> None:
    """Each way in a process of its own, the server in another."""
    command = [sys.executable, "-m", "edenai_nb.sandbox", "--tokens-per-s", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        base = server.stdout.readline().split()[4]
        for name in ("edenai_nb", "openai", "httpx", "httpx_at_once"):
            if name in sys.modules or importlib.util.find_spec(name.partition("_at_once")[0]):
                subprocess.run([sys.executable, "-m", "tests.bench.batch", "one", name, base, str(rows), str(at_once)])
        server.terminate()


def one(name: str, base: str, rows: int, at_once: int) -> None:
    """One way, measured in this process."""
    way = ours_without_limit if WAYS[name] is ours else WAYS[name]
    way(base, ["Hello"], at_once)
    began, wall = time.process_time(), time.monotonic()
    found = way(base, [f"Is {number} a number?" for number in range(rows)], at_once)
    milliseconds = 1000 * (time.process_time() - began) / rows
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lost = sum(one is None for one in found)
    print(
        f"{name:13} {milliseconds:.2f} ms of CPU a row, {time.monotonic() - wall:.0f} s, {peak_mb:.0f} MB, {lost} lost"
    )


def main(words: list[str]) -> None:
    """Read the command line."""
    if words[:1] == ["one"]:
        one(words[1], words[2], int(words[3]), int(words[4]))
    elif words[:1] == ["cpu"]:
        given_rows = [*map(int, words[1:]), *(10_000, 200)[len(words) - 1 :]]
        cpu(given_rows[0], given_rows[1])
    else:
        given = [*map(float, words), *(200, 10, 1)[len(words) :]]
        race(int(given[0]), given[1], given[2])


if __name__ == "__main__":
    main(sys.argv[1:])
