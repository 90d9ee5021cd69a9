"""A cell that asks about each row of a value: `--over`."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from IPython.display import display

from ..data.row_template import RowTemplate
from ..errors import InvalidInput
from ..views import audience
from . import options
from .interrupt import stopping
from .prompt import Interpolation
from .variables import Variables

_NOT_TOGETHER = ("frame", "image", "file", "form", "json", "new", "once")


def ask(chosen: Namespace, rows: Any, text: str, filling: Interpolation | None, variables: Variables) -> None:
    """Start the batch that the variable waits for. One that still runs for this variable is stopped.

    Raises InvalidInput for what does not go together.
    """
    from ..chat.batch import Batch  # not with %load_ext: a batch sends at once
    from ..chat.batch_arguments import job
    from ..chat.batch_dry_run import batch_dry_run

    _check(chosen)
    template = RowTemplate(text.strip("\n"))
    asked = job(rows, template.with_rest(filling.fill) if filling else template, **options.request(chosen))
    if chosen.dry_run:
        display(batch_dry_run(asked))  # type: ignore[no-untyped-call]
        return
    if isinstance(earlier := variables.waits_for(chosen.out), Batch):
        earlier.stop()
    batch = Batch(asked)
    variables.expect(chosen.out, batch)
    with stopping(batch, chosen.out):
        if not chosen.quiet:
            batch.show()
        if chosen.wait or audience.nobody_watches():
            batch.wait()


def _check(chosen: Namespace) -> None:
    if not chosen.out and not chosen.dry_run:
        raise InvalidInput("--over needs a name for the answers: %%edenchat labels --over df. Nothing was sent.")
    if len(chosen.model) > 1:
        raise InvalidInput("--over asks one model: leave out one -m. Nothing was sent.")
    in_chat = ["chat"] if "chat" in chosen.given else []  # each row is a question of its own
    if odd := next((name for name in (*in_chat, *_NOT_TOGETHER) if getattr(chosen, name)), None):
        raise InvalidInput(f"--{odd} does not go with --over. Nothing was sent.")
