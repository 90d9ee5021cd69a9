"""Nothing is sent by accident: what looks like a command or an option is answered, and no model is asked."""

from __future__ import annotations

import pytest

from edenai_nb.errors import InvalidInput
from edenai_nb.notebook import commands, guesses, option_table, options

TYPOS = {
    "modles": "models",
    "model": "config",
    "model gpt-5": "config",
    "confg": "config",
    "confg model=openai/x": "config",
    "Config": "config",
    "settings": "config",
    "config?": "config",
    "budget=1 temperature=2 model=x": "config",
    "hsitory": "history",
    "show history": "history",
    "udno": "undo",
    "sotp": "stop",
    "stp plan": "stop",
    "/clear": "reset",
    "rest": "reset",
    "price": "cost",
    "costs": "cost",
    "my usage": "cost",
    "list models": "models",
    "widgit": "widget",
    "wigdet --chat notes": "--chat",
    "log in": "login",
    "loggin": "login",
    "docter": "doctor",
    "verison": "version",
    "price gpt-5": "cost",
    "retry": "no command",
    "---model x why?": "--model",
    "hlep": "help",
    "hepl me": "help",
    "--version": "version",
    "--models": "models",
    "--cost": "cost",
    "-z hello": "",
    "--modle openai/x why is this slow?": "--model",
    "—once why?": "--once",
    "--temprature 0 why is this slow?": "--temperature",
    "why is this slow? -m openai/x --once": "-m",
    "why is this slow? --max_tokens=5": "--max_tokens=5",
    "why is this slow? --modle openai/x": "--modle",
}
QUESTIONS = [
    "why is this slow?",
    "hello",
    "summarise this",
    "what now?",
    "price elasticity",
    "show me",
    "continue",
    "5 + 3",
    "-5 + 3",
    "- one point\n- another",
    "what does x=1 mean in Python?",
    "write the history of Rome in one line",
    "does `ls -t` sort by time?",
    "translate: models and costs of waiting",
]


@pytest.mark.parametrize("line", TYPOS)
def test_a_slip_is_refused_with_the_nearest_name(line):
    with pytest.raises(InvalidInput) as caught:
        guesses.check(options.split_line(line))
    assert TYPOS[line] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line", QUESTIONS)
def test_a_question_is_taken_for_one(line):
    guesses.check(options.split_line(line))


@pytest.mark.parametrize("line", TYPOS)
def test_two_dashes_send_it_as_it_is(line):
    assert options.split_line(f"-- {line}").text == line
    guesses.check(options.split_line(f"-- {line}"))


def slips(word: str) -> set[str]:
    """Each way to leave out, double or change one letter of a word, or to swap two."""
    made: set[str] = set()
    for place, letter in enumerate(word):
        before, after = word[:place], word[place + 1 :]
        made |= {before + after, before + letter * 2 + after, before + after[:1] + letter + after[1:]}
        made |= {before + other + after for other in "aeiost"}
    return {slip for slip in made if len(slip) > 2}


@pytest.mark.parametrize("name", commands.NAMES)
def test_no_slip_of_one_letter_in_a_command_is_sent(name):
    for slip in slips(name) - commands.NAMES.keys():
        with pytest.raises(InvalidInput):
            guesses.check(options.split_line(slip))


@pytest.mark.parametrize(
    "name", [name for name, option in option_table.SPELLINGS.items() if option.help and name[:2] == "--"]
)
def test_no_slip_of_one_letter_in_an_option_is_sent(name):
    for slip in slips(name[2:]):
        for line in (f"--{slip} why?", f"why is this slow? --{slip} 1"):
            if not options.find(f"--{slip}"):
                with pytest.raises(InvalidInput):
                    guesses.check(options.split_line(line))


def test_no_slip_in_a_real_kernel_reaches_a_model_and_each_is_one_line(shared_notebook, sandbox):
    for line in (*TYPOS, *(f"{name} some words that it does not take" for name in ("undo", "cost", "help", "chat"))):
        result = shared_notebook.run(f"%edenchat {line}")
        assert result.error == "InvalidInput", line
        assert len("\n".join(result.traceback).splitlines()) == 1
    assert sandbox.requests == []


@pytest.mark.parametrize("line", ["", "--help", "-h", "-m openai/x --help", "help"])
def test_help_is_given_however_it_is_asked_for(shared_notebook, sandbox, line):
    shown = shared_notebook.run(f"%edenchat {line}").stdout
    assert all(option.usage in shown for option in option_table.OPTIONS if option.help)
    assert all(command.help in shown for command in commands.COMMANDS)
    assert shared_notebook.run(f"%%edenchat {line if '-' in line else '-h'}\nhi").stdout == shown
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "cell",
    [
        "%%edenchat print\nhi",
        "%%edenchat -o sum\nhi",
        "import math\nget_ipython().run_cell_magic('edenchat', 'math', 'hi')",
        "%%edenchat a -m x/y,x/z\nhi",
        "%%edenchat a --modle x/y\nhi",
        "%%edenchat why is this slow?\nhi",
        "%%edenchat a -p stop=[END]\nhi",
        "%%edenchat config\n \n",
    ],
)
def test_a_cell_that_would_do_harm_or_something_else_sends_nothing(shared_notebook, sandbox, cell):
    result = shared_notebook.run(cell)
    assert result.error == "InvalidInput"
    assert "othing was sent" in result.error_message
    assert len("\n".join(result.traceback).splitlines()) == 1
    assert shared_notebook.run("print(print is __import__('builtins').print)").stdout == "True\n"
    assert sandbox.requests == []
