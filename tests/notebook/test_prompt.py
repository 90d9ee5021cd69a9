"""Interpolation: what is meant is replaced once, what belongs to others stays, and what is missing is not sent."""

from __future__ import annotations

import ast
import datetime
import os
from collections.abc import Callable
from typing import Any

import pandas
import pytest

from edenai_nb import attachments
from edenai_nb.errors import InvalidInput
from edenai_nb.notebook import options, placing, prompt
from edenai_nb.notebook.cell_sources import CellSources
from edenai_nb.notebook.prompt import Interpolation
from edenai_nb.notebook.slots import Slots
from edenai_nb.sandbox import Sandbox

from ..kernel import Kernel


def interpolate(text: str, **names: Any) -> prompt.Prompt:
    return prompt.interpolate(text, names)


NAMES: dict[str, Any] = {
    "price": 2.5,
    "name": "Bo",
    "width": 6,
    "digits": 1,
    "numbers": [1, 2, 3],
    "table": {"a:b": 1.5, "k": [1, 2, 3]},
    "day": datetime.date(2026, 11, 26),
    "os": os,
    "helper": lambda: 1,
    "id": "a user's own id",
}


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Sum: {{ price + 1 }}!", "Sum: 3.5!"),
        ("{{name}}{{ name }}{{  name}}", "BoBoBo"),
        ("{{price:.2f}}", "2.50"),
        ("{{ price:>6 }}", "   2.5"),
        ("{{name!r}}", "'Bo'"),
        ("{{ name!r:>6 }}", "  'Bo'"),
        ("{{name!s:*^6}}", "**Bo**"),
        ("{{price:.{digits}f}}", "2.5"),
        ("{{name:>{width}}}.", "    Bo."),
        ("{{day:%d %B %Y}}", "26 November 2026"),
        ("{{numbers[1:]}} {{numbers[::2]}}", "[2, 3] [1, 3]"),
        ("{{table['a:b']:.2f}}", "1.50"),
        ("{{table['k'][0:2]}}", "[1, 2]"),
        ("{{ {'x': 1}['x'] }}", "1"),
        ("{{ {'x': {'y': name}} }}", "{'x': {'y': 'Bo'}}"),
        ("{{(lambda x: x + 1)(1)}}", "2"),
        ("{{'}}'}}", "}}"),
        ("{{f'{name}'}}", "Bo"),
        ("{{[n for n in numbers if n > 1]}}", "[2, 3]"),
        ("{{[n * price for n in numbers]}}", "[2.5, 5.0, 7.5]"),
        ("{{name != 'x'}}", "True"),
        ("{{id}}", "a user's own id"),
        ("${{price}} and x={{price}}", "$2.5 and x=2.5"),
        ("<document>{{name}}</document>", "<document>Bo</document>"),
        ("```python\n{{name}}\n```", "```python\nBo\n```"),
    ],
)
def test_an_expression_is_replaced_as_an_f_string_would(text: str, sent: str) -> None:
    assert interpolate(text, **NAMES) == prompt.Prompt(sent)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{{"a": 1}}',
        "{v: k for k, v in d}",
        r"\frac{a}{b}",
        "$HOME and ${HOME}",
        "100% of %s %(a)s",
        "</script><script>alert(1)</script>",
        "{",
        "}}",
        "{{",
        "{{}}",
        "{{ }}",
        "a { b {{ c",
        "{{1, 2}, {3, 4}}",
        "{% if a %}{{# comment }}",
        "f'{{{name}}}'",
        r"\frac{{1}}{{2}}",
        "x^{{2}} + a_{{-1}} {{3.5}} {{1/2}} {{...}} {{None}}",
        "{{name!x}} {{name!}} {{price:}} {{:name}} {{price:nonsense format}}",
        "<div style={{ color: 'red', margin: 1 }}>",
        "<div style={{ flex: 1 }}>",
        "<div style={{ color: name }}>",
        "{{- .Values.name -}} {{> part}} {{#each}} {{/each}}",
        "{{ name.first || 'x' }}",
    ],
)
def test_braces_of_json_latex_and_code_are_left_alone(text: str) -> None:
    assert interpolate(text, **NAMES) == prompt.Prompt(text)


@pytest.mark.parametrize("name", ["type", "input", "max", "int", "ValueError", "os", "helper", "name.upper", "print"])
def test_builtins_modules_functions_methods_and_classes_are_never_meant(name: str) -> None:
    text = f"<li>{{{{ {name} }}}}</li> {{{{{name}}}}}"
    assert interpolate(text, **NAMES) == prompt.Prompt(text, (name,))


@pytest.mark.parametrize(
    "text",
    [
        "<li>{{ item }}</li>",  # Vue
        "<ul>\n  <li v-for='item in items'>\n    {{ item }}\n  </li>\n</ul>",
        "<h1>{{title}}</h1>",
        '<a class="x" href="{{ url }}">',
        "```vue\n{{ message }}\n```",
        "<Trans>Hello {{user}}</Trans>",  # JSX
        "<div style={{color}} />",
        "<Foo style={{ opacity:.5 }} />",
        "if: ${{ matrix }}",  # GitHub Actions
        "run: echo ${{ secrets.TOKEN }}",
        r"\frac{{a}}{{b}} + x^{{n}} + a_{{i}}",  # LaTeX
        r"\begin[t]{{document}}",
        r"{{a}}^2",
        "@book{key,\n  title = {{Emma}},\n}",
        "{% if user %}Hello {{ user }}{% endif %}",  # Jinja, Handlebars, Go
        "{{ user | upper }} and {{ user }}",
        "{{#each items}}{{this}}{{/each}}",
        "{{ .Values.x }} {{ y }}",
        'print(f"{{braces}}")',
    ],
)
def test_template_code_of_others_arrives_as_typed_also_with_names_that_do_not_exist(text: str) -> None:
    read = interpolate(text)
    assert read.text == text
    assert read.unresolved


@pytest.mark.parametrize(
    "text",
    [
        "{{nmae}}",
        "Hello {{ nmae }}, how are you?",
        "Explain this: <document>{{nmae}}</document>",
        "```python\n{{nmae}}\n```",
        "{{nmae:.2f}} or {{nmae!r}}",
        "<li>x</li> about {{nmae}}",
    ],
)
def test_a_plain_name_that_does_not_exist_is_an_error_that_says_what_to_do(text: str) -> None:
    with pytest.raises(InvalidInput) as told:
        interpolate(text, **NAMES)
    assert len(str(told.value).splitlines()) == 1
    assert all(words in str(told.value) for words in ("nmae", "nothing was sent", "{{name}}", "--raw"))


def test_a_value_is_never_looked_into() -> None:
    assert interpolate("{{a}} {{b}}", a="{{b}}", b="x").text == "{{b}} x"


def test_what_cannot_be_evaluated_stays_and_is_named_once() -> None:
    read = interpolate("{{a.nope}} and {{b['x']}} and {{a}} {{a.nope}}", a="A")
    assert read == prompt.Prompt("{{a.nope}} and {{b['x']}} and A {{a.nope}}", ("a.nope", "b['x']"))


def test_the_status_line_names_a_few_of_what_stayed_and_counts_the_others() -> None:
    filling = Interpolation({})
    filling.fill(" ".join(f"<li>{{{{ item{n} }}}}</li>" for n in range(20)))
    assert filling.note.startswith("left as typed: {{item0}}, {{item1}}")
    assert filling.note.endswith("15 more")


def test_in_a_message_of_a_window_what_is_long_is_attached_and_its_name_stays_in_the_sentence() -> None:
    attaching = placing.Attaching()
    filled = Interpolation({"a": "one\ntwo", "b": 2}).fill("Is {{a}} like {{b}}?", attaching)
    assert filled == "Is a like 2?"
    assert [attachments.label(part) for part in attaching.parts] == ["a"]
    assert attaching.parts[0]["text"] == 'Variable "a":\n\n```\none\ntwo\n```'


def test_an_expression_binds_nothing_outside() -> None:
    names = {"a": 1}
    prompt.interpolate("{{(a := 2)}}", names)
    assert names == {"a": 1}


def test_the_code_in_a_prompt_is_that_of_its_expressions() -> None:
    code = prompt.expressions("about summary: {{summary.upper()}} {{ n:.{digits}f }} {other} {{1}}")
    assert [ast.unparse(expression) for expression in code] == ["summary.upper()", "n", "digits", "1"]


@pytest.mark.parametrize("text", ["{{" * 50_000, "{{a}" * 20_000, "<li>{{ x }}</li>" * 3_000, "{{a:" * 20_000])
def test_many_braces_do_not_take_quadratic_time(text: str) -> None:
    assert interpolate(text, a=1).text == text


# Options


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ('-s "{{persona}}"', {"system": '- You\'re a "pirate" {{x}}'}),
        ("-s {{ persona }}", {"system": '- You\'re a "pirate" {{x}}'}),
        ("--system={{persona}}", {"system": '- You\'re a "pirate" {{x}}'}),
        ('-s "{{n:.1f}} words for {{who!r}}"', {"system": "5.0 words for 'Jo Doe'"}),
        ("-m {{model}} -t {{heat}} --max-tokens {{n}}", {"model": "openai/x", "temperature": 0.5, "max_tokens": 5}),
        ("-p stop={{stops}} -p user={{who}}", {"stop": ["a", "b"], "user": "Jo Doe"}),
        ("--param=seed={{n}}", {"seed": 5}),
        ('-p user="id {{n}}"', {"user": "id 5"}),
        ("-s {{empty}}", {"system": ""}),
        ("-s {{persona}} --raw", {"system": "{{persona}}"}),
    ],
)
def test_expressions_are_filled_in_in_options_whatever_their_values_hold(line: str, given: dict[str, Any]) -> None:
    names = {"persona": '- You\'re a "pirate" {{x}}', "model": "openai/x", "heat": 0.5, "n": 5, "who": "Jo Doe"}
    slots = Slots(line)
    filling = None if "--raw" in line else Interpolation({**names, "stops": ["a", "b"], "empty": ""})
    chosen = options.parse(slots.line, slots.filler(filling))
    assert options.request(chosen) == given


def test_a_name_in_an_option_that_does_not_exist_is_an_error() -> None:
    slots = Slots("-s {{persona}}")
    with pytest.raises(InvalidInput, match="persona"):
        options.parse(slots.line, slots.filler(Interpolation({})))


# In a kernel


@pytest.fixture
def sent(notebook: Kernel, sandbox: Sandbox) -> Callable[[str], list[str]]:
    """Run a cell: the contents of the messages that it sent."""

    def run(cell: str) -> list[str]:
        before = len(sandbox.requests)
        notebook.run(cell)
        return [m["content"] for request in sandbox.requests[before:] for m in request.json["messages"]]

    return run


@pytest.mark.parametrize(
    "cell",
    [
        "def f(city):\n    x = %edenchat -q --once Weather in {{city}}\nf('Rome')",
        "def f(town):\n    x = %edenchat -q --once Weather in {{town}}\nf('Rome')",
        "def f(town):\n    x = %edenchat -q --once Weather in {{''.join(c for c in town if town)}}\nf('Rome')",
        "def f(city):\n    get_ipython().run_line_magic('edenchat', '-q --once Weather in {{city}}')\nf('Rome')",
        "for city in ['Rome']:\n    x = %edenchat -q --once Weather in {{city}}",
        "class A:\n    def m(self, city):\n        x = %edenchat -q --once Weather in {{city}}\nA().m('Rome')",
        "(lambda city: get_ipython().run_line_magic('edenchat', '-q --once Weather in {{city}}'))('Rome')",
    ],
)
def test_the_names_of_the_calling_function_come_first(
    notebook: Kernel, sent: Callable[[str], list[str]], cell: str
) -> None:
    notebook.run("city = 'Paris'")
    assert sent(cell) == ["Weather in Rome"]


def test_a_prompt_inside_of_a_function_waits_for_a_pending_name_but_not_for_a_local_one(
    notebook: Kernel, sandbox: Sandbox, sent: Callable[[str], list[str]]
) -> None:
    sandbox.enqueue("The plan.")
    notebook.run("def about():\n    x = %edenchat -q --once Say more about {{plan}}")
    notebook.run("def own(plan):\n    x = %edenchat -q --once Say more about {{plan}}")
    notebook.run("%%edenchat plan -q --once\nhi")
    assert sent("about()")[-1] == "Say more about The plan."
    assert sent("own('me')") == ["Say more about me"]


@pytest.mark.parametrize(
    ("cell", "content"),
    [
        (
            "About {{df:schema}}",
            "About \ndf (schema of 2 x 1):\n```csv\ncolumn,type,missing,distinct\nn,int64,0,2\n```",
        ),
        ("{{df}}\nWhy?", "df (2 x 1):\n```csv\nn\n3\n7\n```\nWhy?"),
        ("{{df.head(1)}} Why?", "df.head(1) (1 x 1):\n```csv\nn\n3\n```\n Why?"),
        ("<data>{{df}}</data>", "<data>[2 x 1]\nn\n3\n7</data>"),
        ("Why?\n{{lines}}", "Why?\nlines:\n````\na\n```\n{{df}}\n````"),
        ("```\n{{lines}}\n```", "```\na\n```\n{{df}}\n```"),
        (" {{lines}}\n", " a\n```\n{{df}}\n"),
        ("{{double}}", "double (source):\n```python\ndef double(x):\n    return 2 * x\n```"),
        ("{{In[1]}}", "first = 1"),
        ("{{In[1:3]}}", "In[1:3]:\n```\n# In[1]\nfirst = 1\n\n# In[2]\nfirst\n```"),
        ("{{Out[2]}}", "1"),
    ],
)
def test_a_value_of_several_lines_stands_in_a_fence_with_its_name(cell: str, content: str) -> None:
    def double(x):
        return 2 * x

    cells = CellSources(["", "first = 1", "first", "{{In[1:3]}}"])
    names = {"df": pandas.DataFrame({"n": [3, 7]}), "lines": "a\n```\n{{df}}", "double": double, "In": cells}
    assert interpolate(cell, **names, Out={2: 1}).text == content


def test_what_is_sent_of_values_stands_in_the_status_line_and_pictures_go_along(
    notebook: Kernel, sandbox: Sandbox, sent: Callable[[str], list[Any]]
) -> None:
    notebook.run("import pandas; df = pandas.DataFrame({'n': range(123_000, 124_000)})")
    assert "n,int64,0,1000" in sent("%%edenchat --wait --once\n{{df}}")[0].replace("1,000", "1000").replace('"', "")
    result = notebook.run("%%edenchat --wait --once\n{{df}}")
    assert "df: schema of 1,000 x 1" in result.outputs[0].data["text/html"]
    assert "123001" not in str(sandbox.requests[-1].json)
    notebook.run("from matplotlib.figure import Figure; fig = Figure(); fig.subplots().plot([1, 2])")
    text, picture = sent("%%edenchat --wait --once\nWhat is in {{fig}}?")[0]
    assert text == {"type": "text", "text": "What is in [fig: picture]?"}
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    result = notebook.run("%edenchat --once -s {{fig}} hi")
    assert (result.error, "fig is a picture" in result.error_message) == ("InvalidInput", True)


def test_a_class_of_the_notebook_is_its_source(notebook: Kernel, sent: Callable[[str], list[str]]) -> None:
    label = "@dataclass\nclass Label:\n    name: str = '{}'\n\n    class Inner:\n        pass"
    notebook.run(f"from dataclasses import dataclass\n{label.format('old')}")
    notebook.run(f"n = 1\n{label.format('new')}\nn = 2")
    assert sent("%%edenchat --wait --once\n{{Label}}") == [f"Label (source):\n```python\n{label.format('new')}\n```"]
    assert "class Inner:\n    pass" in sent("%%edenchat --wait --once\n{{Label.Inner}}")[0]
    notebook.run("Made = type('Made', (), {})")
    assert sent("%%edenchat --wait --once\n{{Made}}") == ["{{Made}}"]


def test_the_last_error_is_a_value_with_the_lines_of_code_and_short_paths(
    notebook: Kernel, sent: Callable[[str], list[str]]
) -> None:
    assert "There is no variable 'error'" in notebook.run("%edenchat --once why {{error}}").error_message
    notebook.run("import json\ndef load(text):\n    return json.loads(text)")
    notebook.run("raw = '{\"a\": }'\nload(raw)")
    (told,) = sent("%%edenchat --wait --once\nWhy?\n{{error}}")
    assert "error (traceback of JSONDecodeError):" in told
    assert "->    2 load(raw)" in told
    assert "->    3     return json.loads(text)" in told
    assert "  json/decoder.py, line" in told
    assert "JSONDecodeError: Expecting value: line 1 column 7" in told
    assert not any(word in told for word in ("IPython", "ipykernel", "site-packages", "InvalidInput"))
    (told,) = sent("%%edenchat --wait --once\n{{In[-2:]}}")
    assert told.startswith("In[-2:]:\n```\n# In[4]\nraw = '{\"a\": }'\nload(raw)\n\n# In[5]\n%%edenchat --wait")
    assert "In[6]" not in told


def test_a_name_that_does_not_exist_sends_nothing_and_raw_sends_it(
    notebook: Kernel, sent: Callable[[str], list[str]]
) -> None:
    assert sent("%%edenchat --wait --once\nabout {{nope}}") == []
    assert sent("%%edenchat --wait --once --raw\nabout {{nope}}") == ["about {{nope}}"]
    result = notebook.run("%edenchat --once about {{nope}}")
    assert (result.error, len("\n".join(result.traceback).splitlines())) == ("InvalidInput", 1)
