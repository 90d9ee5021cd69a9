"""Interpolation: expressions are replaced once, and every other brace stays."""

import ast

import pytest

from edenai_nb.notebook import prompt


def interpolate(text, **names):
    return prompt.interpolate(text, lambda expression: eval(expression, names))


def test_an_expression_is_replaced_by_its_value():
    assert interpolate("Sum: {{ a + b }}, {{d['k']}}!", a=1, b=2, d={"k": "v"}).text == "Sum: 3, v!"


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
        "f'{{{a}}}'",
    ],
)
def test_braces_of_json_latex_and_code_are_left_alone(text):
    assert interpolate(text, a="A", b="B", d={}) == prompt.Prompt(text)


def test_a_value_is_never_looked_into():
    assert interpolate("{{a}} {{b}}", a="{{b}}", b="x").text == "{{b}} x"


def test_what_cannot_be_evaluated_stays_and_is_named():
    read = interpolate("{{missing}} and {{1/0}} and {{a}}", a="A")
    assert read == prompt.Prompt("{{missing}} and {{1/0}} and A", ("missing", "1/0"))


def test_an_expression_may_hold_braces_of_its_own():
    assert interpolate("{{ {'x': 1}['x'] }} {{'}}'}} {{f'{a}'}}", a="A").text == "1 }} A"


def test_a_table_is_given_whole_and_not_with_its_middle_cut_out():
    import pandas

    text = interpolate("{{df}}", df=pandas.DataFrame({"n": range(100)})).text
    assert all(str(n) in text for n in range(100))
    assert "..." not in text


def test_the_code_in_a_prompt_is_that_of_its_expressions():
    code = prompt.expressions("about summary: {{summary.upper()}} {{ n + 1 }} {other}")
    assert [ast.unparse(expression) for expression in code] == ["summary.upper()", "n + 1"]


def test_many_open_braces_do_not_take_quadratic_time():
    assert interpolate("{{" * 50_000).text == "{{" * 50_000
    assert interpolate("{{a}" * 20_000, a=1).text == "{{a}" * 20_000
