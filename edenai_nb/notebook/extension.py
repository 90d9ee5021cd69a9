"""What %load_ext edenai_nb puts into IPython, and %unload_ext takes away."""

from __future__ import annotations

import sys
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from .. import stand_in
from ..chat import answers
from ..chat.compare import Replies
from ..reply import Reply
from ..settings import KEY_PATTERN
from ..views import terminal, values
from .completion import MATCHER, matcher
from .help_mark import keep_question_marks
from .magic import EdenMagics
from .magic_text import MAGIC
from .variables import WaitForNames

_TRANSFORMERS = (keep_question_marks, terminal.notice_console)
_HOLDS_KEY = (
    "edenai_nb: this cell holds an Eden AI key, and with it the notebook's file and history. "
    "Take the key out, replace it at https://app.edenai.run, and enter the new one with %edenchat login."
)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register the magics and what belongs to them.

    That is: waiting for pending names, questions that end in `?`, Tab, the warning about keys, how a Reply is shown.
    """
    if EdenMagics.__name__ in shell.magics_manager.registry:
        return
    magics = EdenMagics(shell)
    shell.register_magics(magics)
    shell.ast_transformers.append(WaitForNames(magics.session.variables, shell.user_ns))
    shell.input_transformers_cleanup.extend(_TRANSFORMERS)
    _matchers(shell).append(matcher(magics.session))
    shell.events.register("pre_run_cell", notice_key)
    shell.events.register("pre_run_cell", _begin_run)
    shell.events.register("post_run_cell", magics.failures.remember)
    magics.last_figure.install()
    magics.idle_interrupt.install()
    shell.events.register("pre_run_cell", magics.idle_interrupt.install)
    values.fill_with(magics.fill_message)
    for said in (Reply, Replies):
        _formatter(shell).for_type(said, magics.display)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Stop what streams, and take away exactly what loading put there."""
    magics = shell.magics_manager.registry.pop(EdenMagics.__name__, None)
    if magics is None:
        return
    magics.session.stop()
    stand_in.stop()
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(MAGIC, None)
    shell.ast_transformers[:] = [t for t in shell.ast_transformers if not isinstance(t, WaitForNames)]
    for transformer in _TRANSFORMERS:
        shell.input_transformers_cleanup.remove(transformer)
    _matchers(shell)[:] = [one for one in _matchers(shell) if one.matcher_identifier != MATCHER]
    shell.events.unregister("pre_run_cell", notice_key)
    shell.events.unregister("pre_run_cell", _begin_run)
    shell.events.unregister("pre_run_cell", magics.idle_interrupt.install)
    shell.events.unregister("post_run_cell", magics.failures.remember)
    magics.idle_interrupt.remove()
    magics.last_figure.remove()
    values.fill_with(None)
    for said in (Reply, Replies):
        _formatter(shell).pop(said, None)


def notice_key(info: Any) -> None:
    """Warn about a key in a cell that is about to run (IPython's `pre_run_cell`)."""
    if KEY_PATTERN.search(info.raw_cell or ""):
        print(_HOLDS_KEY, file=sys.stderr)


def _begin_run(_: Any) -> None:
    answers.begin_run()


def _formatter(shell: Any) -> Any:
    return shell.display_formatter.ipython_display_formatter


def _matchers(shell: Any) -> list[Any]:
    matchers: list[Any] = shell.Completer.custom_matchers
    return matchers
