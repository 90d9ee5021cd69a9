"""Hostile answers as they are saved, shown by a real JupyterLab with its markdown and its MathJax."""

from __future__ import annotations

import json

from edenai_nb.render.defang import defang
from edenai_nb.render.html import document

from ..render.vectors import HOST, JS, VECTORS
from .lab import Lab, NotebookPage

PUBLISH = """import json
from IPython.display import display
for data in json.load(open({!r})):
    display(data, raw=True)"""
AT_ONCE = 45  # outputs of one cell; JupyterLab hides those after the fiftieth
END = "$z$ end"

SHOWN = """((outputs) => outputs.length === COUNT && outputs.filter((output) => output.textContent.endsWith(' end\\n'))
    .every((output) => output.querySelector('mjx-container')))(
        [...panel.content.node.querySelectorAll('.jp-OutputArea-output')])"""
# A reader's mouse, and what could act or load; `style` elements are ours. Links are not followed but read.
SUSPECTS = """() => {
    const active = `script, iframe, frame, object, embed, applet, form, base, link, meta, portal, template, dialog,
        button, input:not([type=checkbox][disabled]), select, textarea, video, audio, source, svg,
        img:not([src^="data:image/"])`;
    const suspicious = ({name, value}) => /^on|^(srcset|ping|action|formaction|background|poster|id)$|commandlinker/i
        .test(name) && !value.startsWith('edenai-fn') || name === 'style' && /url|expression/.test(value)
        || /href|src$/.test(name) && /^(?!https?:|mailto:|data:image[/])[a-z0-9+.-]*:/i.test(value);
    const found = [];
    for (const element of panel.content.node.querySelectorAll('.jp-OutputArea-output *')) {
        for (const kind of ['mouseover', 'focus', 'toggle', 'error', 'load']) element.dispatchEvent(new Event(kind));
        if (element.tagName === 'SUMMARY') element.click();
        if (element.matches(active) || [...element.attributes].some(suspicious))
            found.push(element.cloneNode().outerHTML);
    }
    return found;
}"""
SETTLED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))"
EMPTY = """() => [...panel.content.node.querySelectorAll('.jp-OutputArea-output')]
    .filter((output) => !output.textContent.trim() && !output.querySelector('img')).length"""


def publish(page: NotebookPage, name: str, contents: list[str]) -> None:
    """Show them as markdown, and as the HTML that is saved with it."""
    for mime, made in (("text/markdown", defang), ("text/html", document)):
        (page.path.parent / name).write_text(json.dumps([{mime: made(content)} for content in (*contents, END)]))
        assert page.run(page.add_cell(PUBLISH.format(name)))


def assert_inert(page: NotebookPage) -> None:
    page.wait(SHOWN.replace("COUNT", str(2 * len(VECTORS) + 2 * -(-len(VECTORS) // AT_ONCE))))
    assert page.page.evaluate(SUSPECTS) == []
    page.page.evaluate(SETTLED)
    assert page.page.evaluate("() => window.fired") is None
    assert page.foreign_requests() == []
    assert page.page.evaluate(EMPTY) == 0


def test_hostile_answers_run_nothing_and_fetch_nothing_in_jupyterlab_also_after_reopening(lab: Lab) -> None:
    page = lab.notebook([])
    for first in range(0, len(VECTORS), AT_ONCE):
        publish(page, f"{first}.json", VECTORS[first : first + AT_ONCE])
    assert_inert(page)
    page.save()
    for trusted in (False, True):
        page.reopen(trusted=trusted, kernel=False)
        assert page.trusted() is trusted
        assert_inert(page)


def test_the_same_does_run_and_fetch_in_jupyterlab_as_it_came(lab: Lab) -> None:
    """Or the test above would prove nothing."""
    page = lab.notebook([f"display({{'text/markdown': '<img src={HOST}/p.png onerror={JS}>'}}, raw=True)"])
    page.run(0)
    page.wait("window.fired")
    assert page.foreign_requests() == [f"{HOST}/p.png"]
