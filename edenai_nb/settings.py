"""API key, address, model and limits: resolved once per request, then passed on as a value."""

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
SANDBOX_SERVER = "edenai-nb sandbox"  # the `Server` header of our sandbox
KEY_LENGTH = 12  # a shorter key is an ordinary word, such as the sandbox's, and is not redacted
# Today's keys, and older ones, which are JWTs. Only at the start of a word, else `eyJ-eyJ-…` takes quadratic time.
KEY_PATTERN = re.compile(r"\b(?:sk|mgmt)-eden-[\w-]{6,}|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")

_session: dict[str, Any] = {}  # the values given to configure(), for this process
_stand_ins: list[dict[str, str]] = []  # address and key of the open sandboxes, the innermost last


class Key(str):
    """A key that reprs and the local variables in tracebacks do not show, and that pickles leave out."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'[key]'"

    def __reduce__(self) -> tuple[Any, ...]:
        return Key, ("",)


@dataclass(frozen=True)
class Settings:
    """Everything a request needs besides its messages. The key is never shown."""

    api_key: str = field(default="", repr=False)  # "" if none was found: sending then raises MissingKey
    base_url: str = DEFAULT_BASE_URL
    model: str = DEFAULT_MODEL
    connect_s: float = 10.0
    first_token_s: float = 300.0  # reasoning models may send nothing for minutes
    between_tokens_s: float = 120.0
    retry_s: float = 60.0  # total of the pauses between attempts
    max_cost: float = inf  # USD that one turn may cost, by the estimate before it is sent
    budget: float = inf  # USD that all turns of this process may cost together
    budget_day: float = inf  # USD that all turns of this account on this machine may cost per day
    budget_month: float = inf  # the same per month
    warn: float = inf  # USD: above it, a turn's status line shows the estimate; the turn is sent
    ledger: bool = True  # record what was billed in a database of this machine: numbers, never text
    eu: bool = False  # use the address whose requests stay in the EU
    allow_secrets: bool = False  # send prompts that seem to hold a key or a password
    keep: str = ""  # a file of kept answers, which are not asked for again; "" for none
    fresh: bool = False  # ignore kept answers, and keep the new ones
    journal: str = ""  # a file that every turn is appended to while it streams; "" for none
    requests_per_s: float = 10.0  # Eden AI's limit for an account, all its keys and kernels together; loopback too
    alias: Mapping[str, str] = field(default_factory=dict, hash=False)  # the user's own names for models
    origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)  # setting -> where from

    def __post_init__(self) -> None:
        object.__setattr__(self, "api_key", Key(self.api_key))

    @property
    def host(self) -> str:
        """The name of the server; empty if the address has none."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def fingerprint(self) -> str:
        """16 hex digits that identify address and key in files on disk without revealing them."""
        return hashlib.sha256(f"{self.base_url}\n{self.api_key!s}".encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def is_local(self) -> bool:
        """True if the address is this machine, the only one to which plain http is safe."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")

    def __getstate__(self) -> dict[str, Any]:
        # A pickle is written to files and sent to other machines.
        return {**vars(self), "api_key": ""}

    def redact(self, text: str) -> str:
        """The text without the API key, and without anything that looks like one."""
        if len(self.api_key) >= KEY_LENGTH:
            text = text.replace(self.api_key, "[key]")
        return KEY_PATTERN.sub("[key]", text)


NAMES = frozenset(f.name for f in fields(Settings)) - {"origins"}

_SWITCHES = frozenset(f.name for f in fields(Settings) if isinstance(f.default, bool))
_TEXTS = frozenset(f.name for f in fields(Settings) if isinstance(f.default, str))
_NUMBERS = frozenset(f.name for f in fields(Settings) if isinstance(f.default, float))


def configure(**values: Any) -> None:
    """Set defaults for this process: any of `NAMES`. None unsets one. Explicit arguments take precedence."""
    check(values)
    for name, value in with_key_hidden(values).items():
        if value is None:
            _session.pop(name, None)
        else:
            _session[name] = {**_session.get(name, {}), **value} if name == "alias" else value


def model_called(name: str) -> str:
    """The model behind one of the user's own names (`alias`), else the name itself."""
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
    """The EU address, or a local one unchanged. Raises InvalidInput for any other address."""
    if settings.base_url not in (DEFAULT_BASE_URL, EU_BASE_URL) and not settings.is_local:
        raise InvalidInput("eu means Eden AI's address in the EU, and base_url names another: take one of them.")
    return settings.base_url if settings.is_local else EU_BASE_URL


def certificates() -> tuple[str | None, str | None]:
    """(file, folder) of the certificates to trust, from SSL_CERT_FILE and SSL_CERT_DIR as in OpenSSL."""
    return _environment("SSL_CERT_FILE"), _environment("SSL_CERT_DIR")


def notebook() -> str:
    """The path of the notebook that this kernel runs, from Jupyter's JPY_SESSION_NAME; "" if unknown."""
    return _environment("JPY_SESSION_NAME") or ""


def use_stand_in(base_url: str, api_key: str) -> Callable[[], None]:
    """Make this the address and key where no other address is given or configured. Returns a function that ends it."""
    stand_in = {"base_url": base_url, "api_key": api_key}
    _stand_ins.append(stand_in)

    def leave() -> None:
        _stand_ins[:] = [other for other in _stand_ins if other is not stand_in]

    return leave


def store_key(key: str) -> bool:
    """Store the key in the keyring of this machine. False if there is no working one (extra `keyring`)."""
    try:
        import keyring

        keyring.set_password(KEYRING_SERVICE, "api_key", key)
        return _from_keyring() == key  # keyring's null backend stores nothing
    except Exception:  # ImportError, a locked keyring, no backend: each backend has its own
        return False


def forget_key() -> None:
    """Delete the key from the keyring, and from `configure()`."""
    configure(api_key=None)
    with suppress(Exception):  # nothing stored, or no keyring
        import keyring

        keyring.delete_password(KEYRING_SERVICE, "api_key")


def describe(settings: Settings) -> str:
    """One line per setting with its source. The API key is not shown."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings) if field.name != "origins"}
    values = {name: "none" if value in (inf, "", {}) else value for name, value in values.items()}
    values["api_key"] = "found" if settings.api_key else "not found"
    return "\n".join(f"{name:17} {value}  ({settings.origins.get(name, 'default')})" for name, value in values.items())


def parse(name: str, text: str) -> Any:
    """The value of a setting from text; None, which unsets it, for "". Raises InvalidInput."""
    if not text:
        return None
    if name in _SWITCHES:
        return text.lower() in ("1", "on", "true", "yes")
    try:
        return float(text) if name in _NUMBERS else text
    except ValueError:
        raise InvalidInput(f"{name} must be a number above 0.") from None


def with_key_hidden(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same options with `api_key`, if given, as a Key."""
    return {name: Key(value) if name == "api_key" and value else value for name, value in options.items()}


def split(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options into (settings, fields of the request)."""
    chosen = {name: value for name, value in options.items() if name in NAMES}
    return chosen, {name: value for name, value in options.items() if name not in NAMES}


def check(values: Mapping[str, Any]) -> None:
    """Raise InvalidInput for an unknown setting or an invalid value."""
    for name, value in values.items():
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, 1, cutoff=0.6)
            told = f": did you mean {near[0]}?" if near else f"; there are: {', '.join(sorted(NAMES))}."
            raise InvalidInput(f"There is no setting {name!r}{told}")
        if name == "alias" and not _are_aliases(value):
            raise InvalidInput("alias takes a dict of names, such as {'fast': 'openai/gpt-mini-latest'}.")
        if name == "base_url" and value and urlsplit(str(value)).scheme not in ("http", "https"):
            raise InvalidInput("base_url must be a full address such as https://api.edenai.run/v3.")
        if name in _TEXTS and not isinstance(value, (str, os.PathLike, type(None))):
            raise InvalidInput(f"{name} must be text.")
        if name in _NUMBERS and value is not None and not _is_above_0(value):
            raise InvalidInput(f"{name} must be a number above 0.")
        if name.endswith("_s") and value == inf:
            raise InvalidInput(f"{name} must be a finite number.")


def _is_above_0(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


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
        # Address and key together: a real key must not go to a sandbox, nor a sandbox's key to Eden AI.
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
    except Exception:  # locked or missing keyring: there are other sources
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
