"""%%edenchat and %edenchat."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Hashable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display

from ..reply import Reply
from ..turn import Turn
from . import commands, options, prompt
from .session import MAIN, Session
from .status import Caption
from .variables import LAST

LAST_FRAME_S = 10.0  # how long a waiting cell gives the painter for the saved output


@magics_class
class EdenMagics(Magics):
    """Cell text into turns, and turns into outputs and variables."""

    shell: Any

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.session = Session(shell.user_ns)
        self._place = (0, 0)  # execution count, and how many questions its cell has asked before
        self._just_shown: tuple[int, Reply] | None = None

    @no_var_expand  # IPython would expand {x} and $x before we see them
    @line_cell_magic
    def edenchat(self, line: str, cell: str | None = None) -> Reply | None:
        """Ask a model. The answer streams in below the cell while the kernel stays free.

            %%edenchat summary -m openai/gpt-mini-latest
            Summarise this in three bullets: {{notes}}

        The answer ends up in the variable `summary`, as a string; a later cell that mentions `summary`
        waits for it. `{{expression}}` is replaced by its value; all other braces are left alone.

        What can follow %%edenchat:

            NAME, -o NAME        the variable for the answer (the last answer is always in _eden too)
            -m, --model ID       the model, such as anthropic/claude-sonnet-latest
            -s, --system TEXT    what the model should be or do, from now on in this conversation
            -c, --chat NAME      continue another conversation than `main`
            --new                start the conversation again
            --once               a single question, outside of any conversation
            -t, --temperature X  0 (steady) to 2 (wild)
            --max-tokens N       the longest answer
            --max-cost USD       send it only if it should not cost more
            --allow-secrets      send it even if it seems to hold a key or a password
            -p, --param KEY=JSON any other field of the request; may be given more than once
            --wait               keep the kernel until the answer is complete
            -q, --quiet          show nothing, only bind the variable
            --raw                leave {{expressions}} as they are

        Running a cell again replaces its own turn in the conversation and keeps the later ones.

        On one line, the value is the answer (a Reply, which is a str):

            why = %edenchat why is this loop slow?

        These words after %edenchat do something else:

            config [name=value]  show or change the settings of this session
            chats                the conversations so far
            reset [NAME]         forget a conversation (`main` if not named)
            stop [NAME]          stop what is being answered; a variable, a conversation, or everything
            wait [NAME …]        wait for these variables, or for everything
            widget [--chat NAME] open a conversation in a chat window
            sandbox              answer from a local stand-in for Eden AI: no key, no costs, canned replies
            login, logout        enter your key, hidden; forget it
            doctor [stream]      look at what stands between you and an answer
            help, version
        """
        if cell is not None:
            self._ask(options.parse(line), cell)
            return None
        line = line.strip()
        word, _, rest = line.partition(" ")
        if word in commands.COMMANDS:
            commands.run(word, rest.split(), self.session)
            return None
        given, text = options.split_line(line)
        chosen = options.parse(given)
        chosen.wait = True
        return self._ask(chosen, text)

    def _ask(self, chosen: Namespace, text: str) -> Reply | None:
        read = prompt.Prompt(text) if chosen.raw else prompt.interpolate(text, self.shell.ev)
        turn = self.session.send(
            read.text.strip("\n"),
            cell=self._cell(),
            chat=None if chosen.once else chosen.chat,
            new=chosen.new,
            **options.request(chosen),
        )
        for name in filter(None, (LAST, chosen.out)):
            self.session.variables.expect(name, turn)
        live = None
        if not chosen.quiet and self._kernel is not None:
            live = _view().show(turn, caption=self._caption(chosen, turn, read))
        if chosen.wait or self._nobody_watches():
            return self._wait_for(turn, live, chosen.quiet)
        return None

    def _cell(self) -> Hashable:
        """What stays the same when a cell is run again; None where the front end does not say."""
        count = self.shell.execution_count
        self._place = (count, self._place[1] + 1 if self._place[0] == count else 0)
        metadata = self.shell.get_parent().get("metadata", {}) if hasattr(self.shell, "get_parent") else {}
        cell_id = metadata.get("cellId") or metadata.get("colab", {}).get("cell_id")
        return (cell_id, self._place[1]) if cell_id else None

    def _caption(self, chosen: Namespace, turn: Turn, read: prompt.Prompt) -> Caption:
        unresolved = ", ".join(f"{{{{{expression}}}}}" for expression in read.unresolved)
        return Caption(
            chat="" if chosen.once or chosen.chat == MAIN else chosen.chat,
            number=self.session.number(turn),
            sandbox=self.session.in_sandbox,
            note=f"left as typed: {unresolved}" if unresolved else "",
        )

    def _nobody_watches(self) -> bool:
        """True under nbclient, papermill and nbconvert, and in a terminal: later updates would be lost."""
        return self._kernel is None or not getattr(self._kernel, "_allow_stdin", True)

    @property
    def _kernel(self) -> Any:
        """The kernel that a front end may be watching; None in a plain terminal."""
        return getattr(self.shell, "kernel", None)

    def _wait_for(self, turn: Turn, live: Any, quiet: bool) -> Reply:
        try:
            if live is None and not quiet:
                _print(turn)
            return turn.wait()
        finally:
            if live is not None:
                live.shown.wait(LAST_FRAME_S)
                self._just_shown = self.shell.execution_count, turn.reply

    def display(self, reply: Reply) -> None:
        """Show a Reply as formatted text; not a second time below its own live view."""
        if self._just_shown != (self.shell.execution_count, reply):
            display(_view().reply_bundle(reply), raw=True)  # type: ignore[no-untyped-call]


def _view() -> Any:
    # Widgets and rendering are half of what there is to import: not before there is something to show.
    from . import view

    return view


def _print(turn: Turn) -> None:
    """Print the answer as it grows: the live view of a plain terminal."""
    printed = 0
    for reply in turn.frames():
        print(reply[printed:], end="", flush=True)
        printed = len(reply)
    print()
