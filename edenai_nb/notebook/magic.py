"""%%edenchat and %edenchat."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, TypeVar

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand
from IPython.display import display

from .. import attachments
from ..chat import files
from ..chat.compare import Comparison, Replies
from ..chat.turn import Turn
from ..errors import InvalidInput
from ..messages import Part, Prompt
from ..reply import Reply
from ..views import audience, first_sign, terminal
from ..views.cells import Places
from ..views.status import Caption
from . import commands, file_values, guesses, mending, option_values, options, over, prompt
from .cell_sources import CellSources
from .failures import Failures
from .framed import Framed, library
from .functions import names_behind
from .interrupt import IdleInterrupt, stopping
from .last_figure import LastFigure
from .placing import Attaching
from .prompt import Interpolation
from .session import MAIN, Session
from .slots import Slots
from .variables import LAST, Pending

_Magic = TypeVar("_Magic", bound=Callable[..., Any])


def _documented(magic: _Magic) -> _Magic:
    """Give the magic its help, which %%edenchat? shows."""
    magic.__doc__ = commands.usage()
    return magic


@magics_class
class EdenMagics(Magics):
    """Cell text into turns, and turns into outputs and variables."""

    shell: Any

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.session = Session(shell.user_ns)
        self.idle_interrupt = IdleInterrupt(getattr(shell, "kernel", None))
        self.failures = Failures()
        self.last_figure = LastFigure(shell)
        self._places = Places()
        self._just_shown: tuple[int, Reply | Replies] | None = None

    @needs_local_scope
    @no_var_expand  # IPython would expand {x} and $x before we see them
    @line_cell_magic
    @_documented
    def edenchat(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:
        if cell is None:
            return self._line(line.strip(), local_ns or {})
        guesses.check_cell(line, cell)
        slots = Slots(line)
        self._question(slots, slots.line, cell, local_ns or {})
        return None

    def _line(self, line: str, local: Mapping[str, Any]) -> Any:
        """A command, or a question on one line, whose value is the answer."""
        word, *rest = line.split(maxsplit=1)[:2] or ["help"]
        if word == "fix":
            return self._fix("".join(rest), local)
        if command := commands.find(word):
            commands.run(command, "".join(rest), self.session)
            return None
        slots = Slots(line)
        read = options.split_line(slots.line)
        read = read._replace(text=slots.typed(read.text))
        guesses.check(read)
        return self._question(slots, read.options, read.text, local, wait=True)

    def _question(self, slots: Slots, line: str, text: str, local: Mapping[str, Any], wait: bool = False) -> Any:
        filling = None if "--raw" in line.split() else self._filling(f"{slots.typed(line)}\n{text}", local)
        chosen = options.parse(line, slots.filler(filling))
        if chosen.help:
            print(commands.usage())
            return None
        self._check_target(chosen.out)
        chosen.wait, chosen.on_line = chosen.wait or wait, wait
        chosen.json = chosen.json or (chosen.frame and not chosen.schema)
        if chosen.schema:
            chosen.schema = self._evaluated(chosen.schema, local, option_values.schema)
        if chosen.over:
            rows = self._evaluated(chosen.over, local, option_values.rows)
            return over.ask(chosen, rows, text, filling, self.session.variables)
        question = filling.prompt(text.strip("\n")) if filling else text.strip("\n")
        question = self._with_files(question, chosen, local)
        note = " · ".join(filter(None, [filling.note if filling else "", *attachments.notes(question)]))
        if chosen.dry_run:
            self._show_dry_run(chosen, question, note)
            return None
        return self._ask(chosen, question, note)

    def _fix(self, words: str, local: Mapping[str, Any]) -> None:
        """Ask why a cell failed, and put the corrected one below; it is not run."""
        number, line = mending.split(words)
        chosen = options.parse(line)
        found = mending.failure(self.failures, number)
        chosen.once, chosen.wait, chosen.on_line = chosen.chat == MAIN, True, True
        text = mending.question(found, {**self.shell.user_ns, **local})
        note = f"cell {found.number}" if found.number else ""
        if chosen.dry_run:
            self._show_dry_run(chosen, text, note)
            return
        self._ask(chosen, text, note)
        if code := mending.corrected(self.shell.user_ns[LAST], found.source):
            self.shell.set_next_input(code)

    def _filling(self, text: str, local: Mapping[str, Any]) -> Interpolation:
        """What fills in the expressions of this text: the names of the calling function first, then the notebook's."""
        known = {} if local is self.shell.user_ns else local
        names = prompt.global_names(text) - known.keys()
        self.session.variables.wait(names | names_behind(names, self.shell.user_ns))
        return self._interpolation(known)

    def _interpolation(self, known: Mapping[str, Any]) -> Interpolation:
        return Interpolation({**self._given(), **self.shell.user_ns, **self._cells(), **known})

    def fill_message(self, text: str) -> tuple[str, list[Part]]:
        """The text of a message in a chat window, filled in, and the parts of what is attached. Raises InvalidInput."""
        if pending := prompt.global_names(text) & self.session.variables.pending():
            raise InvalidInput(f"{min(pending)} is still being answered: send this when it is there.")
        attaching = Attaching()
        return self._interpolation({}).fill(text, attaching), attaching.parts

    def _given(self) -> dict[str, Any]:
        """Names that a prompt knows and the notebook need not have."""
        known = {"error": self.failures.error, "last_figure": self.last_figure.value}
        return {name: value for name, value in known.items() if value is not None}

    def _cells(self) -> dict[str, Any]:
        cells = self.shell.user_ns.get("In")
        is_own = cells is self.shell.history_manager.input_hist_parsed if self.shell.history_manager else False
        return {"In": CellSources(self.shell.history_manager.input_hist_raw[:-1])} if is_own else {}

    def _with_files(self, question: Prompt, chosen: Namespace, local: Mapping[str, Any]) -> Prompt:
        """The question with what `--image` and `--file` name: variables, the last figure, paths, addresses."""
        names = {name for name in (*chosen.image, *chosen.file) if name.isidentifier()}
        self.session.variables.wait(names & self.session.variables.pending())
        known = {**self._given(), **self.shell.user_ns, **local}
        images, others = ([file_values.meant(name, known) for name in given] for given in (chosen.image, chosen.file))
        return files.attached(question, images, others) if images or others else question

    def _evaluated(self, typed: str, local: Mapping[str, Any], read: Callable[[str, dict[str, Any]], Any]) -> Any:
        """What the expression of an option gives by this reader, once the names in it are there."""
        self.session.variables.wait(prompt.global_names(f"{{{{{typed}}}}}"))
        return read(typed, {**self.shell.user_ns, **local})

    def _check_target(self, name: str | None) -> None:
        if isinstance(self.shell.user_ns.get(name), ModuleType):
            raise InvalidInput(f"{name!r} is a module here: take another name for the answer. Nothing was sent.")

    def _ask(self, chosen: Namespace, question: Prompt, note: str) -> Any:
        with first_sign.at_once(chosen.quiet, is_alone=not chosen.on_line) as sign:
            sent = self._send(chosen, question)
        wanted = Framed(sent, library(self.shell.user_ns)) if chosen.frame and isinstance(sent, Turn) else sent
        self.session.variables.expect(LAST, sent)
        if chosen.out:
            self.session.variables.expect(chosen.out, wanted)
        caption = self._caption(chosen, sent, note)
        has_to_wait = chosen.wait or audience.nobody_watches()
        with stopping(sent, chosen.out or LAST):
            if terminal.is_here():
                self._print(sent, caption, chosen.quiet)
                return wanted.value
            live = None
            if not chosen.quiet:
                live = _view().show(sent, caption=caption, sign=sign)
            elif not has_to_wait:  # else the cell raises it
                _view().show_failure(sent, caption)
            made = self._wait_for(sent, wanted, live) if has_to_wait else None
            if has_to_wait and chosen.form == "code" and isinstance(sent, Turn) and sent.reply.code:
                self.shell.set_next_input("\n\n".join(block.rstrip("\n") for block in sent.reply.code))
            return made

    def _send(self, chosen: Namespace, question: Prompt) -> Turn | Comparison:
        return self.session.send(
            question,
            cell=self._places.next(),
            chat=None if chosen.once else chosen.chat,
            new=chosen.new,
            models=chosen.model,
            **options.request(chosen),
        )

    def _show_dry_run(self, chosen: Namespace, question: Prompt, note: str) -> None:
        chat = None if chosen.once else chosen.chat
        for model in chosen.model or [None]:
            asked = {**options.request(chosen), **({"model": model} if model else {})}
            would = self.session.dry_run(question, chat=chat, new=chosen.new, **asked)
            display(replace(would, note=note))  # type: ignore[no-untyped-call]

    def _caption(self, chosen: Namespace, sent: Turn | Comparison, note: str) -> Caption:
        turn = sent if isinstance(sent, Turn) else next(iter(sent.turns.values()))
        return Caption(
            chat="" if chosen.once or chosen.chat == MAIN else chosen.chat,
            number=self.session.position_of(turn),
            note=note,
            form=chosen.form or "",
        )

    def _wait_for(self, sent: Turn | Comparison, wanted: Pending, live: Any) -> Any:
        try:
            sent.wait()
            return wanted.value
        finally:
            if live is not None:
                live.shown.wait(_view().LAST_FRAME_S)
                self._just_shown = self.shell.execution_count, sent.value

    def _print(self, sent: Turn | Comparison, caption: Caption, quiet: bool) -> Any:
        """Wait, and print what comes, where nothing can be shown that changes."""
        if isinstance(sent, Comparison):
            return self._print_comparison(sent, quiet)
        if not quiet:
            terminal.print_answer(sent)
        reply = sent.wait()
        if not quiet:
            terminal.print_status(sent, caption)
            self._just_shown = self.shell.execution_count, reply
        return sent.value

    def _print_comparison(self, sent: Comparison, quiet: bool) -> Replies:
        if not quiet:
            terminal.print_comparison(sent)
            self._just_shown = self.shell.execution_count, sent.value
        return sent.wait()

    def display(self, said: Reply | Replies) -> None:
        """Show replies as formatted text, unless the line that asked for them has just shown them."""
        if self._just_shown != (self.shell.execution_count, said):
            show = _comparison().replies_bundle if isinstance(said, Replies) else _saved().reply_bundle
            display(show(said), raw=True)  # type: ignore[no-untyped-call]


def _view() -> Any:
    # Widgets and rendering are half of what there is to import: not before there is something to show.
    from ..views import live

    return live


def _saved() -> Any:
    from ..views import saved

    return saved


def _comparison() -> Any:
    from ..views import comparison

    return comparison
