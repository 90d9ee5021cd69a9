"""Ask any model on Eden AI from a notebook: `%load_ext edenai_nb`, then `%%edenchat`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_DOORS = {
    "ask": "chat.conversation",
    "describe": "data.describe",
    "models": "views.models",
    "cost": "views.cost",
    "compare": "chat.compare",
    "Comparison": "chat.compare",
    "map": "chat.batch_start",
    "amap": "chat.batch_start",
    "Batch": "chat.batch",
    "Chat": "chat.conversation",
    "Turn": "chat.turn",
    "Reply": "reply",
    "Usage": "reply",
    "CodeBlock": "reply",
    "EdenError": "errors",
    "configure": "settings",
    "Sandbox": "sandbox",
    "show": "views.live",
    "ChatWidget": "views.window",
    "login": "key_entry",
    "load_ipython_extension": "notebook.extension",
    "unload_ipython_extension": "notebook.extension",
}
__all__ = [*sorted(_DOORS), "__version__"]


def __getattr__(name: str) -> Any:
    # Lazy: `import edenai_nb` costs next to nothing and starts nothing.
    if name == "__version__":
        from importlib.metadata import version

        return version("edenai-nb")
    if name not in _DOORS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_DOORS[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
