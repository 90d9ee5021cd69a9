"""Asks for the API key with hidden input, so that it is never saved in the notebook."""

from __future__ import annotations

import getpass
from collections.abc import Callable

from . import settings, stand_in
from .api.client import Client
from .doctor import check_key
from .errors import AuthenticationFailed, EdenError, InvalidInput, MissingKey

_NOBODY = "Nobody can type a key here: set EDENAI_API_KEY in the environment instead."
_KEPT = "The keyring keeps it."
_NO_KEYRING = 'No keyring took it: pip install "edenai-nb[keyring]", or set EDENAI_API_KEY in the environment.'


def login() -> None:
    """Ask for a key with hidden input, use it, and store it in the keyring if the user agrees."""
    print(use(_typed(getpass.getpass, "Eden AI key (hidden, from https://app.edenai.run): ")))
    if _typed(input, "Keep it in this machine's keyring? [y/N] ").lower() in ("y", "yes"):
        print(_KEPT if settings.store_key(settings.resolve().api_key) else _NO_KEYRING)


def use(key: str) -> str:
    """Test a key and use it until this kernel ends. Returns the outcome as text.

    A key that Eden AI refuses changes nothing and raises InvalidInput; no key, MissingKey. A sandbox is switched off.
    """
    if not key:
        raise MissingKey("No key was typed; nothing has changed.")
    in_sandbox = stand_in.stop()
    try:
        said = _try(key)
    except EdenError:
        if in_sandbox:
            stand_in.start()
        raise
    settings.configure(api_key=key)
    return said + (" The sandbox is off: answers are real now, and billed." if in_sandbox else "")


def _typed(ask: Callable[[str], str], prompt: str) -> str:
    try:
        return ask(prompt).strip()
    except (EOFError, NotImplementedError):  # ipykernel's StdinNotImplementedError is one
        raise InvalidInput(_NOBODY) from None


def _try(key: str) -> str:
    """Test the key with a free request; returns the outcome as text. Raises InvalidInput if it is refused."""
    now = settings.resolve(api_key=key)
    try:
        check_key(Client(now))
    except AuthenticationFailed as refused:
        raise InvalidInput(f"{now.host} does not accept this key; nothing has changed. It says: {refused}") from None
    except EdenError as trouble:
        return f"The key is in use until this kernel ends, but could not be tried: {trouble}"
    return f"{now.host} accepts the key; it is in use until this kernel ends."


def logout() -> None:
    """Delete the key from this process and from the keyring."""
    settings.forget_key()
    print("The key is forgotten." + (" Another is still found." if settings.resolve().api_key else ""))
