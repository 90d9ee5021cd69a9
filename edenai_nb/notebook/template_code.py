"""Double braces that belong to JSX, Vue, GitHub Actions, Jinja, Handlebars, LaTeX or an f-string."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

# Directly before: ${{ secrets }}, style={{x}}, x^{{n}}, a_{{i}}, \frac{{a}}{{b}}, \begin[t]{{x}}; behind: {{a}}^2.
_BEFORE = re.compile(r"(?:[$^_}#@%]|\w=|\\[A-Za-z]+\*?(?:\[[^\]\n]*\])?)\Z")
_BEHIND = re.compile(r"[\^_]\S")
_F_STRING = re.compile(r"""(?:\b[fF][rR]?|\b[rR][fF])(?P<quote>["'])(?:(?!(?P=quote)).)*\Z""")
_IN_TAG = re.compile(r"<[A-Za-z][\w-]*\s[^<>]*\Z")
# Anywhere: {% if %}, {{#each}}, {{/each}}, {{> part}}, {{- x }}, {{ x | filter }}, {{ .Values.x }}, v-for, @book{key,
_LANGUAGE = re.compile(
    r"\{%|\{\{[#/>!&^~*-]|\{\{\s*\.\w|\{\{[^{}\n|]{1,200}?\s\|\s+[A-Za-z]|\bv-(?:for|if|bind|model)\b|^@\w+\{[^\s,]+,",
    re.MULTILINE,
)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*([\w+-]*)", re.MULTILINE)
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)(?:\s[^<>]*)?>")
_WORD = re.compile(r"\w+")
_LANGUAGES = frozenset(
    _WORD.findall(
        """
        angular astro handlebars hbs helm html j2 jinja jinja2 js javascript jsx latex liquid mustache svelte tex ts tsx
        twig typescript vue xml yaml yml
        """
    )
)
_HTML = frozenset(
    _WORD.findall(
        """
        a abbr address article aside b blockquote body button caption cite code dd details div dl dt em fieldset
        figcaption figure footer form h1 h2 h3 h4 h5 h6 head header html i kbd label legend li main mark nav ol optgroup
        option p pre q s samp section select small span strong style sub summary sup table tbody td template textarea
        tfoot th thead time title tr u ul
        """
    )
)


class TemplateCode:
    """Where in a text double braces look like code that the user shows, not like a variable of the notebook.

    They do behind `$`, `=`, `^`, `_`, `}` or a LaTeX command, inside of an HTML element or a component, in a fence of a
    language with templates, in an f-string, and anywhere in a text with other marks of a template language.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def holds(self, start: int, end: int) -> bool:
        """Whether the braces from `start` to `end` are such code."""
        line = self._text[self._text.rfind("\n", 0, start) + 1 : start]
        return bool(
            _BEFORE.search(line)
            or _BEHIND.match(self._text, end)
            or _F_STRING.search(line)
            or _IN_TAG.search(line)
            or self._has_language
            or any(first <= start < last for first, last in self._spans)
        )

    @cached_property
    def _has_language(self) -> bool:
        return bool(_LANGUAGE.search(self._text))

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [*self._fences(), *self._elements()]

    def _fences(self) -> Iterator[tuple[int, int]]:
        marks = [*_FENCE.finditer(self._text)]
        for opening, closing in zip(marks[::2], [*marks[1::2], None], strict=False):
            if opening[1].lower() in _LANGUAGES:
                yield opening.end(), closing.start() if closing else len(self._text)

    def _elements(self) -> Iterator[tuple[int, int]]:
        """From opening to closing tag, of HTML's own elements and of components, which begin with a capital."""
        opened: dict[str, list[int]] = {}
        for tag in _TAG.finditer(self._text):
            closing, name = tag.groups()
            if name.lower() not in _HTML and not name[0].isupper():
                continue
            if not closing:
                opened.setdefault(name, []).append(tag.end())
            elif opened.get(name):
                yield opened[name].pop(), tag.start()
