"""A dry run says what would be sent and what it would cost, and sends nothing."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import edenai_nb
from edenai_nb import Chat, Sandbox
from edenai_nb.chat import conversation, token_rates, turn
from edenai_nb.sandbox import catalogue

NewChat = Callable[..., Chat]
ENGLISH = [
    "The number of people in work rose last year while wages hardly grew. For many towns this means higher spending "
    "with the same income. Researchers now look at whether grants could close the gap, and for how long.",
    "Before you train anything, plot the columns one by one. Half of the surprises in a project come from a unit that "
    "changed in the middle of a file, a sensor that was switched off at night, or dates that were read as numbers.",
    "She opened the window and listened. Somewhere below, a tram turned the corner; the old wheels complained as they "
    "always did in October. Nobody had written, nobody had called, and the kettle had begun to sing by itself.",
    "Our customers mostly ask about delivery times, invoices and returns. Please sort each message into one of these "
    "groups, name the order if there is one, and say in a short sentence what the person would like us to do next.",
]
GERMAN = [
    "Die Zahl der Beschäftigten stieg im vergangenen Jahr, während die Löhne kaum wuchsen. Für viele Städte heißt das: "
    "höhere Ausgaben bei gleichen Einnahmen. Forscher prüfen nun, ob Zuschüsse die Lücke schließen können.",
    "Bevor man ein Modell anpasst, sollte man die Spalten einzeln zeichnen. Häufig ändert sich mitten in der Datei die "
    "Einheit, ein Fühler war nachts ausgeschaltet, oder das Datum wurde als gewöhnliche Zahl gelesen.",
    "Sie öffnete das Fenster und hörte zu. Irgendwo unten bog eine Straßenbahn um die Ecke; die Räder klagten wie "
    "immer im Oktober. Niemand hatte geschrieben, und der Kessel begann von selbst zu singen.",
    "Unsere Kunden fragen meist nach Lieferzeiten, Rechnungen und Rückgaben. Bitte ordne jede einer davon zu, "
    "nenne die Bestellnummer, falls vorhanden, und schreibe kurz, was die Person möchte.",
]
CHINESE = [
    "数据分析的第一步是了解数据的来源，第二步是检查缺失的数值。我们用图表说明结果，并给出简短的结论。"
    "如果两列的单位不同，就必须先换算，再进行比较。最后把所有步骤写下来，让别人也能重复。",
    "去年就业人数有所增加，但是工资几乎没有增长。对许多城市来说，这意味着收入不变而支出更高。"
    "研究人员正在寻找解决的办法，看看补贴能不能填补这个缺口，以及这种补贴能够维持多长时间。",
    "她打开窗户，静静地听着。楼下有一辆电车转过街角，旧车轮像往常一样发出声音。没有人写信，也没有人打电话来。"
    "桌上的茶已经凉了，窗外的树叶慢慢变黄，一个孩子正骑着自行车穿过安静的广场。",
    "客户经常询问交货时间、发票和退货。请把每条消息分到其中一组，写出订单号码，并用一句话说明对方希望我们做什么。"
    "如果消息里没有号码，就不要猜测，而是请客户再发送一次。语气要友好，回答不要太长。",
]


def _pieces(text: str) -> list[str]:
    size = len(text) // 4
    return [text[at * size : (at + 1) * size] for at in range(4)]


TEXTS = {
    "English": ENGLISH,
    "German": GERMAN,
    "Chinese": CHINESE,
    "code": _pieces(inspect.getsource(turn) + inspect.getsource(conversation)),
    "JSON": [json.dumps(catalogue.MODELS[at : at + 5]) for at in (0, 5, 10, 15)],
}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_after_three_answers_of_each_kind_tokens_are_within_ten_percent(sandbox: Sandbox, chat: NewChat) -> None:
    # Given three answers to each kind of text, in turn
    sandbox.enqueue(*["Fine."] * 20)
    for place in range(3):
        for texts in TEXTS.values():
            chat().ask(texts[place])
    # When the fourth is looked at, and then asked
    for name, texts in TEXTS.items():
        estimated = chat().dry_run(texts[3]).prompt_tokens
        billed = chat().ask(texts[3]).usage
        assert billed is not None
        assert estimated.expected == pytest.approx(billed.prompt_tokens, rel=0.1), name
        assert estimated.low < estimated.expected < estimated.high


def test_it_says_everything_and_sends_nothing(sandbox: Sandbox, chat: NewChat) -> None:
    ours = chat(system="Be brief", model="openai/gpt-mini-latest", max_tokens=500)
    assert "cost ?" in str(ours.dry_run("Hello"))
    assert sandbox.requests == []
    edenai_nb.models()
    asked = len(sandbox.requests)
    would = ours.dry_run("x" * 5000 + "<b>")
    assert [message["role"] for message in would.request.messages] == ["system", "user"]
    assert would.who == ("openai/gpt-mini-latest (openai/gpt-5-mini)",)
    assert would.usd is not None
    assert 0 < would.usd.low < would.usd.expected < would.usd.high
    assert "… 4,403 characters …" in str(would)
    assert "Be brief" in str(would)
    assert "Be brief" not in repr(would)
    assert "&lt;b&gt;" in would._repr_html_()
    assert would.refused == ()
    assert len(ours.turns) == 0
    assert len(sandbox.requests) == asked


def test_it_says_what_would_be_refused(sandbox: Sandbox, chat: NewChat) -> None:
    edenai_nb.models()
    picture = [{"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}]
    plain = "fireworks_ai/accounts/fireworks/models/glm-5p3"
    assert chat(model=plain).dry_run(picture).refused == (f"{plain} cannot do vision.",)
    assert chat(model="openai/no").dry_run("Hi").refused == ("the list of models has no openai/no.",)
    opus = "anthropic/claude-opus-5"
    assert "max_cost is $0.001" in chat(model=opus, max_cost=0.001).dry_run("Hi").refused[0]
    assert "of budget_day is left" in chat(model=opus, budget_day=0.001).dry_run("Hi").refused[0]
    assert "seems to hold" in chat().dry_run("ghp_" + "a1B2" * 9).refused[0]


def test_kinds_of_text_are_told_apart() -> None:
    kinds = {"English": "plain", "German": "foreign", "Chinese": "wide", "code": "code", "JSON": "json"}
    assert {name: {token_rates.kind(text) for text in texts} for name, texts in TEXTS.items()} == {
        name: {kind} for name, kind in kinds.items()
    }
    assert token_rates.kind("") == "plain"
