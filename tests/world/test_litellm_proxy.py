"""Our client against LiteLLM's proxy: a server whose words and errors nobody of us wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from edenai_nb import Chat, EdenError, errors

from ..kernel import Kernel
from .litellm_proxy import ANSWER, MOCKED_ERRORS, LiteLLMProxy, environment, litellm_proxy
from .reverse_proxy import reverse_proxy

DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def proxy(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteLLMProxy]:
    python = environment(pytestconfig.cache.mkdir("litellm"))
    with litellm_proxy(python, tmp_path_factory.mktemp("litellm")) as proxy:
        yield proxy


@pytest.fixture
def chat(proxy: LiteLLMProxy) -> Chat:
    return Chat(base_url=proxy.base_url, api_key=proxy.api_key, model="openai/gpt-mini-latest")


def test_an_answer_is_whole_with_its_usage_and_its_cost(chat: Chat) -> None:
    reply = chat.send("Hello").wait(DEADLINE_S)

    assert reply == ANSWER
    assert reply.complete
    assert reply.finish_reason == "stop"
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 0
    assert reply.cost is not None
    assert reply.cost > 0
    assert [block.language for block in reply.code] == ["python"]


def test_a_conversation_with_options_goes_on(chat: Chat) -> None:
    chat.system = "Be brief"
    options: dict[str, Any] = {"temperature": 0.2, "max_tokens": 100, "stop": ["END"], "seed": 3, "top_p": 0.5}
    for prompt in ("Hello", [{"type": "text", "text": "And now?"}]):
        assert chat.send(prompt, **options).wait(DEADLINE_S).complete
    assert [message["role"] for message in chat.messages] == ["system", "user", "assistant", "user", "assistant"]


@pytest.mark.parametrize("name", MOCKED_ERRORS)
def test_its_errors_are_said_in_one_line_without_class_names(chat: Chat, proxy: LiteLLMProxy, name: str) -> None:
    with reverse_proxy(proxy.base_url) as counted:
        turn = chat.send("Hello", model=f"fail/{name}", base_url=counted.base_url, retry_s=3.0)
        with pytest.raises(EdenError) as caught:
            turn.wait(DEADLINE_S)

    message = str(caught.value)
    assert "\n" not in message
    assert not [word for word in ("litellm", "LiteLLM", "Exception", "Error:", "{'", "b'") if word in message], message
    assert 1 <= len(counted.passages) <= 4
    kinds = {"RateLimitError": errors.RateLimited, "ContextWindowExceededError": errors.ContextTooLong}
    assert isinstance(caught.value, kinds.get(name, errors.ServerTrouble))


def test_a_wrong_key_is_said_and_not_shown(chat: Chat) -> None:
    with pytest.raises(EdenError) as caught:
        chat.send("Hello", api_key="sk-wrong-key-0123456789").wait(DEADLINE_S)
    assert "0123456789" not in str(caught.value)


def test_the_quickstarts_question_is_answered_in_a_cell(proxy: LiteLLMProxy, kernel: Kernel) -> None:
    """From a cell of a real kernel; the request it sent is looked at on its way."""
    with reverse_proxy(proxy.base_url) as passage:
        kernel.run("%load_ext edenai_nb\nimport edenai_nb as eden")
        kernel.run(f"eden.configure(base_url={passage.base_url!r}, api_key={proxy.api_key!r})")
        kernel.run("%%edenchat plan -m openai/gpt-5-mini\nGive me a plan")
        result = kernel.run("(plan, plan.complete, plan.cost > 0)")

    assert result.value == repr((ANSWER, True, True)), result.traceback
    (sent,) = (seen for seen in passage.passages if seen.method == "POST")
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["accept"] == "text/event-stream"
