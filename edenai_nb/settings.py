"""Key, address, model and limits: resolved once, then passed by hand."""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from math import inf
from typing import Any
from urllib.parse import urlsplit

from .errors import InvalidInput

DEFAULT_BASE_URL = "https://api.edenai.run/v3"
EU_BASE_URL = "https://api.eu.edenai.run/v3"  # contract, section 1.1: same key, same bodies
DEFAULT_MODEL = "openai/gpt-mini-latest"
KEYRING_SERVICE = "edenai"
SANDBOX_SERVER = "edenai-nb sandbox"  # how our stand-in calls itself in its answers
KEY_LENGTH = 12  # what is shorter is a word, such as the sandbox's key
# Today's keys, and the JWTs that older ones are: only where a word begins, else `eyJ-eyJ-…` takes quadratic time.
KEY_PATTERN = re.compile(r"\b(?:sk|mgmt)-eden-[\w-]{6,}|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")

_session: dict[str, Any] = {}  # what configure() was told, for this process
_stand_ins: list[dict[str, str]] = []  # address and key of the sandboxes that are open, the innermost last


class Key(str):
    """A key that is not shown by what holds it: reprs, local variables in tracebacks, pickles (which lose it)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[key]'"

    def __reduce__(self) -> tuple[Any, ...]:
        return Key, ("",)


@dataclass(frozen=True)
class Settings:
    """Everything a request needs besides its messages. The key is never shown."""

    api_key: str = field(default="", repr=False)  # "" where none was found: sending then raises MissingKey
    base_url: str = DEFAULT_BASE_URL
    model: str = DEFAULT_MODEL
    connect_s: float = 10.0
    first_token_s: float = 300.0  # reasoning models think for minutes without a byte
    between_tokens_s: float = 120.0
    retry_s: float = 60.0  # all waiting between attempts together
    max_cost: float = inf  # USD that one turn may cost, as estimated before it is sent
    budget: float = inf  # USD that all turns of this process may cost together
    budget_day: float = inf  # USD that this account's turns of a day may cost together, of all kernels of this machine
    budget_month: float = inf  # the same for a month
    warn: float = inf  # USD above which a turn's status line says what it may cost; it is sent
    ledger: bool = True  # write down what was billed, for all kernels of this machine: numbers, never words
    eu: bool = False  # ask the address whose requests stay in the EU
    allow_secrets: bool = False  # send prompts that seem to hold a key or a password
    keep: str = ""  # a file of answers that are not asked again; "" for none
    fresh: bool = False  # ask again all the same, and keep the new answer
    journal: str = ""  # a file that every turn is appended to while it streams; "" for none
    requests_per_s: float = 10.0  # what Eden AI allows an account, all its keys and kernels together; loopback too
    alias: Mapping[str, str] = field(default_factory=dict, hash=False)  # names of the user's for models
    origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)  # setting -> where from

    def __post_init__(self) -> None:
        object.__setattr__(self, "api_key", Key(self.api_key))

    @property
    def host(self) -> str:
        """The name of the server; empty if the address has none."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def fingerprint(self) -> str:
        """The account in 16 hex digits: what is kept on disk is told apart by it, and holds neither address nor key."""
        return hashlib.sha256(f"{self.base_url}\n{self.api_key!s}".encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def is_local(self) -> bool:
        """True if the address is this machine itself: the one place where plain http is safe."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")

    def __getstate__(self) -> dict[str, Any]:
        # A pickle is written to files and sent to other machines.
        return {**vars(self), "api_key": ""}

    def redact(self, text: str) -> str:
        """The text without the key, and without anything else that looks like one."""
        if len(self.api_key) >= KEY_LENGTH:
            text = text.replace(self.api_key, "[key]")
        return KEY_PATTERN.sub("[key]", text)


NAMES = frozenset(f.name for f in fields(Settings)) - {"origins"}

_SWITCHES = frozenset(f.name for f in fields(Settings) if isinstance(f.default, bool))
_NUMBERS = frozenset(f.name for f in fields(Settings) if isinstance(f.default, float))


def configure(**values: Any) -> None:
    """Set defaults for this process: any of `NAMES`. None forgets one. Explicit arguments still win."""
    check(values)
    for name, value in with_key_hidden(values).items():
        if value is None:
            _session.pop(name, None)
        else:
            _session[name] = {**_session.get(name, {}), **value} if name == "alias" else value


def model_called(name: str) -> str:
    """The model that the user calls so (`alias`), else the name itself."""
    return str(_session.get("alias", {}).get(name) or name)


def resolve(**explicit: Any) -> Settings:
    """The settings in force: explicit argument, open `Sandbox`, `configure()`, environment, keyring, Colab, default.

    Raises InvalidInput for a name or an address that cannot be used. A missing key is not an error here.
    """
    check(explicit)
    found: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, values in _sources(explicit, need_key=not (explicit.get("api_key") or _session.get("api_key"))):
        for name, value in values.items():
            if value is not None and value != "" and name not in found:
                found[name], origins[name] = value, origin
    if "base_url" in found:
        found["base_url"] = str(found["base_url"]).rstrip("/")
    if "model" in found:
        found["model"] = model_called(found["model"])
    if found.get("eu"):
        found["base_url"] = _in_the_eu(Settings(**{**found, "api_key": ""}))
    return Settings(**found, origins=origins)


def _in_the_eu(settings: Settings) -> str:
    """The EU's address; a stand-in on this machine is left. Raises InvalidInput for the address of somebody else."""
    if settings.base_url not in (DEFAULT_BASE_URL, EU_BASE_URL) and not settings.is_local:
        raise InvalidInput("eu means Eden AI's address in the EU, and base_url names another: take one of them.")
    return settings.base_url if settings.is_local else EU_BASE_URL


def certificates() -> tuple[str | None, str | None]:
    """The file and the folder of the certificates that the user trusts (OpenSSL's own variables)."""
    return _environment("SSL_CERT_FILE"), _environment("SSL_CERT_DIR")


def notebook() -> str:
    """The path of the notebook that this kernel runs, where the server has told (Jupyter's JPY_SESSION_NAME)."""
    return _environment("JPY_SESSION_NAME") or ""


def use_stand_in(base_url: str, api_key: str) -> Callable[[], None]:
    """Ask this address with this key where no other address is given or configured, until the result is called."""
    stand_in = {"base_url": base_url, "api_key": api_key}
    _stand_ins.append(stand_in)

    def leave() -> None:
        _stand_ins[:] = [other for other in _stand_ins if other is not stand_in]

    return leave


def store_key(key: str) -> bool:
    """Put the key into the keyring of this machine. False where there is none that works (extra `keyring`)."""
    try:
        import keyring

        keyring.set_password(KEYRING_SERVICE, "api_key", key)
        return _from_keyring() == key  # the null backend forgets at once
    except Exception:  # ImportError, a locked keyring, no backend: each backend has its own
        return False


def forget_key() -> None:
    """Take the key out of the keyring, and out of `configure()`."""
    configure(api_key=None)
    with suppress(Exception):  # nothing stored, or no keyring
        import keyring

        keyring.delete_password(KEYRING_SERVICE, "api_key")


def describe(settings: Settings) -> str:
    """A line for each setting with where it came from. The key is not shown."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings) if field.name != "origins"}
    values = {name: "none" if value in (inf, "", {}) else value for name, value in values.items()}
    values["api_key"] = "found" if settings.api_key else "not found"
    return "\n".join(f"{name:17} {value}  ({settings.origins.get(name, 'default')})" for name, value in values.items())


def parse(name: str, text: str) -> Any:
    """The value of a setting from its text; None, which forgets it, for an empty one. Raises InvalidInput."""
    if not text:
        return None
    if name in _SWITCHES:
        return text.lower() in ("1", "on", "true", "yes")
    try:
        return float(text) if name in _NUMBERS else text
    except ValueError:
        raise InvalidInput(f"{name} must be a number above 0.") from None


def with_key_hidden(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same options with their key, if any, as a Key."""
    return {name: Key(value) if name == "api_key" and value else value for name, value in options.items()}


def split(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options into (settings, fields of the request)."""
    chosen = {name: value for name, value in options.items() if name in NAMES}
    return chosen, {name: value for name, value in options.items() if name not in NAMES}


def check(values: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a name that is no setting, or a value that it cannot have."""
    for name, value in values.items():
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, 1, cutoff=0.6)
            told = f": did you mean {near[0]}?" if near else f"; there are: {', '.join(sorted(NAMES))}."
            raise InvalidInput(f"There is no setting {name!r}{told}")
        if name == "alias" and not _are_aliases(value):
            raise InvalidInput("alias takes a dict of names, such as {'fast': 'openai/gpt-mini-latest'}.")
        if name == "base_url" and value and urlsplit(str(value)).scheme not in ("http", "https"):
            raise InvalidInput("base_url must be a full address such as https://api.edenai.run/v3.")
        if name in _NUMBERS and value is not None and not (isinstance(value, (int, float)) and value > 0):
            raise InvalidInput(f"{name} must be a number above 0.")
        if name.endswith("_s") and value == inf:
            raise InvalidInput(f"{name} must be a number with an end.")


def _are_aliases(value: Any) -> bool:
    # A name with "/" would hide a model of the catalogue.
    return value is None or (
        isinstance(value, Mapping)
        and all(isinstance(name, str) and name and "/" not in name for name in value)
        and all(isinstance(model, str | None) for model in value.values())
    )


def _sources(explicit: Mapping[str, Any], need_key: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "argument", explicit
    if _stand_ins and not (explicit.get("base_url") or _session.get("base_url")):
        # Address and key together: a real key has no business in a stand-in, nor the other way round.
        yield "sandbox", _stand_ins[-1]
    yield "configure()", _session
    yield "EDENAI_API_KEY", {"api_key": _environment("EDENAI_API_KEY")}
    yield "EDEN_AI_API_KEY", {"api_key": _environment("EDEN_AI_API_KEY")}
    yield "EDENAI_API_BASE", {"base_url": _environment("EDENAI_API_BASE")}
    yield "EDENAI_MODEL", {"model": _environment("EDENAI_MODEL")}
    if need_key and not (_environment("EDENAI_API_KEY") or _environment("EDEN_AI_API_KEY")):
        yield "keyring", {"api_key": _from_keyring()}
        yield "Colab user data", {"api_key": _from_colab()}


def _environment(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def _from_keyring() -> str | None:
    try:
        import keyring  # an extra
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, "api_key")
    except Exception:  # a locked or absent keyring is no reason to fail: there are other sources
        return None


def _from_colab() -> str | None:
    if "google.colab" not in sys.modules:
        return None
    from google.colab import userdata  # type: ignore[import-not-found]

    for name in ("EDENAI_API_KEY", "EDEN_AI_API_KEY"):
        try:
            return str(userdata.get(name))
        except Exception:  # not set, or access not granted to this notebook
            continue
    return None
