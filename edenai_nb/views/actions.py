"""What the reader of a chat window may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from traitlets.log import get_logger

from .. import attachments, key_entry, stand_in
from .. import settings as _settings
from ..chat import files
from ..chat.conversation import Chat
from ..chat.turn import Turn
from ..errors import EdenError, InvalidInput, MissingKey
from ..messages import Prompt
from ..money import dollars
from . import export, values
from .arrivals import Arrivals

if TYPE_CHECKING:
    from ..api.models import Model

Message = Mapping[str, Any]
_RECENT = 4  # models that stand above the others
CONTINUE = "Continue exactly where you stopped. Do not repeat anything."


class Actions:
    """Does what a view asks of a conversation. `find` gives the turn that views call by an id, or None."""

    def __init__(self, chat: Chat, find: Callable[[Any], Turn | None]) -> None:
        self._chat = chat
        self._find = find
        self._arrivals = Arrivals()

    def answer(self, message: Message) -> dict[str, Any]:
        """Do it; gives what the view is told: `{error}` where it could not be done. Raises nothing."""
        try:
            return _ACTIONS[message["kind"]](self, message) or {}
        except MissingKey as error:
            return {"error": str(error), "needs_key": True}
        except EdenError as error:
            return {"error": str(error)}
        except Exception as error:
            get_logger().warning("an intent of the chat window failed", exc_info=True)
            return {"error": f"That could not be done ({type(error).__name__})."}

    def _send(self, message: Message) -> None:
        text, parts = values.filled(str(message["text"]), message.get("values") or ())
        given = message.get("files") or ()
        prompt = files.attached(text, files=self._arrivals.whole(given))
        self._chat.send(attachments.with_parts(prompt, parts) if parts else prompt)
        self._arrivals.drop(file["id"] for file in given)

    def _piece(self, message: Message) -> None:
        self._arrivals.take(message["file"], message["buffers"])

    def _drop(self, message: Message) -> None:
        self._arrivals.drop([message["file"]])

    def _retry(self, message: Message) -> None:
        turn, model = self._turn(message), message.get("model")
        self._ask_again(turn, turn.prompt, **({"model": str(model)} if model else {}))

    def _edit(self, message: Message) -> None:
        turn = self._turn(message)
        text, parts = values.filled(str(message["text"]), ())
        self._ask_again(turn, attachments.with_text(turn.prompt, text, parts))

    def _ask_again(self, turn: Turn, prompt: Prompt, **options: Any) -> None:
        left = self._chat.turns
        self._chat.send(prompt, branch_from=turn, **options)
        for old in reversed(left[left.index(turn) :]):  # nobody reads on in what is asked again
            old.stop()

    def _continue(self, message: Message) -> None:
        turn = self._turn(message)
        turn.accept_partial()
        self._chat.send(CONTINUE)

    def _delete(self, message: Message) -> None:
        self._chat.remove(self._turn(message))

    def _switch(self, message: Message) -> None:
        turn = self._turn(message)
        beside = self._chat.branches(turn)
        place = beside.index(turn) + int(message["step"])
        self._chat.switch_to(beside[max(0, min(place, len(beside) - 1))])

    def _return(self, message: Message) -> None:
        self._chat.switch_to(self._chat.branches()[-1])

    def _new(self, message: Message) -> None:
        self._chat.switch_to(None)

    def _key(self, message: Message) -> dict[str, Any]:
        return {"said": key_entry.use(str(message["key"]).strip())}

    def _sandbox(self, message: Message) -> dict[str, Any]:
        stand_in.start()
        return {"said": "Answers are canned now: no model is called and nothing is billed."}

    def _stop(self, message: Message) -> None:
        self._chat.stop()

    def _set(self, message: Message) -> None:
        options = dict(self._chat.options)
        for name in ("model", "temperature", "max_tokens", "fallbacks", "budget"):
            if name in message:
                options[name] = _checked(name, message[name])
        self._chat.options = {name: value for name, value in options.items() if value is not None}
        if "system" in message:
            self._chat.system = str(message["system"]).strip() or None

    def _models(self, message: Message) -> dict[str, Any]:
        from .models import models

        chosen, _ = _settings.split(self._chat.options)
        known = models(**chosen)
        rows = [[m.id, *_prices(m), m.context_length, m.provider, m.abilities] for m in known if m.is_chat]
        used = [_settings.resolve(api_key="-").model, *(turn.reply.model for turn in reversed(self._chat.turns))]
        return {"models": rows, "recent": [*dict.fromkeys(filter(None, used))][:_RECENT]}

    def _names(self, message: Message) -> dict[str, Any]:
        return {"names": values.names()}

    def _suggest(self, message: Message) -> dict[str, Any]:
        return {"suggestions": values.suggestions()}

    def _value(self, message: Message) -> dict[str, Any]:
        return {"label": attachments.label(values.parts(str(message["name"]))[0])}

    def _source(self, message: Message) -> dict[str, Any]:
        return {"text": str(self._turn(message).reply)}

    def _export(self, message: Message) -> dict[str, Any]:
        extension, kind, write = export.form(message["form"])
        return {"text": write(self._chat), "name": f"chat-{date.today()}.{extension}", "type": kind}

    def _turn(self, message: Message) -> Turn:
        turn = self._find(message["id"])
        if turn is None:
            raise InvalidInput("That turn is no longer in the conversation.")
        return turn


_ACTIONS: dict[str, Callable[[Actions, Message], dict[str, Any] | None]] = {
    "send": Actions._send,
    "piece": Actions._piece,
    "drop": Actions._drop,
    "retry": Actions._retry,
    "edit": Actions._edit,
    "continue": Actions._continue,
    "delete": Actions._delete,
    "walk": Actions._switch,
    "back": Actions._return,
    "new": Actions._new,
    "key": Actions._key,
    "sandbox": Actions._sandbox,
    "stop": Actions._stop,
    "set": Actions._set,
    "models": Actions._models,
    "names": Actions._names,
    "suggest": Actions._suggest,
    "value": Actions._value,
    "source": Actions._source,
    "export": Actions._export,
}


def _prices(model: Model) -> list[str]:
    """What a million tokens cost, in and out, in words."""
    return ["?" if price is None else dollars(price * 1e6) for price in (model.input_price, model.output_price)]


def _checked(name: str, value: Any) -> Any:
    """A setting of the window as the request wants it; None for an empty one. Raises InvalidInput."""
    if value is None or not str(value).strip():
        return None
    if name == "model":
        return str(value).strip()
    if name == "fallbacks":
        return _fallbacks(str(value))
    try:
        number = int(value) if name == "max_tokens" else float(value)
    except ValueError:
        number = -1
    if name == "max_tokens" and number < 1:
        raise InvalidInput("Max tokens is a whole number from 1.")
    if name == "temperature" and not 0 <= number <= 2:
        raise InvalidInput("Temperature is a number from 0 to 2.")
    if name == "budget" and not number >= 0:
        raise InvalidInput("The budget is a number of USD.")
    return number


def _fallbacks(text: str) -> list[str] | None:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if len(names) > 3:
        raise InvalidInput("There are at most three fallbacks.")
    return names or None
