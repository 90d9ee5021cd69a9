"""The words after %%edenchat."""

import pytest

from edenai_nb.errors import InvalidInput
from edenai_nb.notebook import config, options
from edenai_nb.notebook.help_mark import keep_question_marks


def test_a_cell_line_is_read_with_posix_quoting():
    read = options.parse(
        """ans -m openai/x --system "two words" -t 0.5 --max-tokens 9 -p seed=3 -p tool_choice='"none"' """
    )
    assert read.out == "ans"
    assert options.request(read) == {
        "model": "openai/x",
        "system": "two words",
        "temperature": 0.5,
        "max_tokens": 9,
        "seed": 3,
        "tool_choice": "none",
    }


def test_the_name_may_come_as_an_option():
    assert options.parse("-o ans").out == options.parse("--out ans").out == options.parse("ans").out == "ans"


@pytest.mark.parametrize(
    "line",
    [
        "1abc",
        "class",
        "a-b",
        "a.b",
        "a b",
        "ans -o other",
        "--nope",
        "-t warm",
        "--max-tokens many",
        '-s "open',
        "-m",
        "-p x",
        "-s brief -s long",
        "-m a/b,c/d",
        "-t 0 -t 1",
        "-p stop=[END]",
        "print",
        "-o list",
        "Out",
    ],
)
def test_a_line_that_cannot_be_used_is_one_clear_line(line):
    with pytest.raises(InvalidInput) as caught:
        options.parse(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("--max_tokens 5", "max_tokens", 5),
        ("--max_tokens=5", "max_tokens", 5),
        ('-p stop=["END"]', "stop", ["END"]),
        ('--param=stop=["END"]', "stop", ["END"]),
        ('-p stop=\'["a", "b c"]\'', "stop", ["a", "b c"]),
        ('-p response_format={"type":"json_object"}', "response_format", {"type": "json_object"}),
        ("-p reasoning_effort=low", "reasoning_effort", "low"),
        ("-p seed='3'", "seed", 3),
        ("-t 0", "temperature", 0.0),
    ],
)
def test_an_option_is_read_as_it_is_usually_typed(line, name, value):
    assert options.request(options.parse(line)) == {name: value}


def test_a_habit_from_elsewhere_changes_nothing():
    assert options.request(options.parse("ans --stream -m a/b")) == {"model": "a/b"}


@pytest.mark.parametrize(
    ("line", "near"), [("--modle a/b", "--model"), ("--temp 1", "--temperature"), ("--max-token 5", "--max-tokens")]
)
def test_an_option_with_a_slip_is_answered_with_its_name(line, near):
    with pytest.raises(InvalidInput, match=f"did you mean {near}"):
        options.parse(line)


@pytest.mark.parametrize("name", ["api_key", "key", "base_url", "messages", "stream", "model"])
def test_a_parameter_cannot_take_over_the_request(name):
    with pytest.raises(InvalidInput):
        options.parse(f"-p {name}=1")


@pytest.mark.parametrize(
    ("line", "given", "text"),
    [
        ("why is it slow?", "", "why is it slow?"),
        ("-m a/b what's up", "-m a/b", "what's up"),
        ("--once -t 0 -s 'be brief' it's \"quoted\"  text", "--once -t 0 -s 'be brief'", 'it\'s "quoted"  text'),
        ("--model=a/b -5 plus 3", "--model=a/b", "-5 plus 3"),
        ("-- -m is an option", "", "-m is an option"),
    ],
)
def test_a_one_line_prompt_is_taken_as_typed_after_its_options(line, given, text):
    read = options.split_line(line)
    assert (read.options.strip(), read.text) == (given, text)
    assert read.literal == line.startswith("-- ")


@pytest.mark.parametrize("name", ["api_key", "key"])
def test_a_key_cannot_be_set_where_it_would_be_saved(name):
    with pytest.raises(InvalidInput, match="%edenchat login"):
        config.setting(f"{name}=sk-eden-secret")


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("%edenchat why?\n", "get_ipython().run_line_magic('edenchat', 'why?')\n"),
        ("x = %edenchat what's up?\n", "x = get_ipython().run_line_magic('edenchat', \"what's up?\")\n"),
        ("%time %edenchat a?\n", "get_ipython().run_line_magic('time', '%edenchat a?')\n"),
        ("y = %edenchat a??\n", "y = get_ipython().run_line_magic('edenchat', 'a??')\n"),
    ],
)
def test_a_question_mark_reaches_the_line_magic(line, mended):
    assert keep_question_marks([line]) == [mended]


def test_a_question_may_go_on_over_lines_and_stand_in_a_block():
    asked = keep_question_marks(
        ["import os\n", "if os:\n", "    x = %edenchat what is \\\n", "        this?\n", "y = 1\n"]
    )
    assert asked[:2] == ["import os\n", "if os:\n"]
    assert asked[-1] == "y = 1\n"
    (call,) = asked[2:-1]
    assert call.startswith("    x = get_ipython().run_line_magic('edenchat', 'what is ")
    assert call.endswith("this?')\n")


@pytest.mark.parametrize(
    "lines",
    [
        ["import os\n", "!true\n", "text = '''\n", "%edenchat why?\n", "'''\n"],
        ['%time f("""\n', "x = %edenchat why?\n", '""")\n'],
        ["!true\n", "x = 1  # %edenchat why?\n"],
        ["%edenchat?\n"],
        ["%edenchat??\n"],
        ["%edenchat why\n"],
        ["?%edenchat\n"],
        ["%%writefile f\n", "%edenchat why?\n"],
        ['s = """\n', "%edenchat why?\n", '"""\n'],
    ],
)
def test_help_cell_magics_and_strings_are_left_alone(lines):
    assert keep_question_marks(lines) == lines


def test_the_rows_keep_the_quotes_inside_them():
    assert options.parse('out --over df["a name"]').over == 'df["a name"]'
    assert options.parse("out --over 'list(range(3))'").over == "list(range(3))"
