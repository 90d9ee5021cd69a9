"""%edenchat login: a key that never touches the notebook."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from .. import settings
from ..errors import InvalidInput, MissingKey

_NOBODY = "Nobody can type a key here: set EDENAI_API_KEY in the environment instead."
_TYPED = (
    "edenai_nb: this cell holds an Eden AI key, and with it the notebook's file and history. "
    "Take the key out, replace it at https://app.edenai.run, and enter the new one with %edenchat login."
)


def login() -> None:
    """Ask for a key with hidden input, use it from now on, and keep it in the keyring if that is wanted."""
    try:
        key = getpass.getpass("Eden AI key (hidden, from https://app.edenai.run): ").strip()
        keep = bool(key) and input("Keep it in this machine's keyring? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, NotImplementedError):  # ipykernel's StdinNotImplementedError is one
        raise InvalidInput(_NOBODY) from None
    if not key:
        raise MissingKey("No key was typed; nothing has changed.")
    settings.configure(key=key)
    stored = keep and settings.store_key(key)
    print("The key is in use" + (" and in the keyring." if stored else ", until this kernel ends."))
    if keep and not stored:
        print('No keyring took it: pip install "edenai-nb[keyring]", or set EDENAI_API_KEY in the environment.')


def logout() -> None:
    """Forget the key that was typed, in this process and in the keyring."""
    settings.forget_key()
    print("The key is forgotten." + (" Another is still found." if settings.resolve().key else ""))


def notice_key(info: Any) -> None:
    """Warn about a key in a cell that is about to run (IPython's `pre_run_cell`)."""
    if settings.KEY_SHAPE.search(info.raw_cell or ""):
        print(_TYPED, file=sys.stderr)
