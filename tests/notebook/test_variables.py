"""Which cells wait for a pending name: those that Python would stop with a NameError, and no others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edenai_nb.sandbox import Sandbox, Script

from ..kernel import Kernel
from .test_magic import gated

NEEDS_IT = [
    "print(plan)",
    "plan",
    "x = plan.upper()",
    "x = f'about {plan!r:>10}'",
    "x = f'{1:{plan}}'",
    "plan += ' more'",
    "del plan",
    "plan = plan + 'x'",
    "plan: str = plan",
    "x: plan",
    "plan[0] = 1",
    "plan.attribute = 1",
    "for plan.x in [1]: pass",
    "[plan for x in [1]]",
    "[x for x in plan]",
    "[plan for plan in plan]",
    "[x for x in [1] if plan]",
    "{x: plan for x in [1]}",
    "(lambda x: x + plan)(1)",
    "(lambda x=plan: x)()",
    "def f(x=plan): pass",
    "def f(x: plan): pass",
    "@plan\ndef f(): pass",
    "def f(): return plan\nf()",
    "async def f(): return plan\nx = f()",
    "f = lambda: plan\nf()",
    "def f():\n    def g(): return plan\n    return g()\nf()",
    "def f():\n    def g(): return h()\n    def h(): return plan\n    return g()\nf()",
    "def g(): return f()\ndef f(): return plan\ng()",
    "def f(): return plan\nlist(map(f, []))",
    "def f():\n    global plan\n    plan += 1\nf()",
    "def f():\n    global plan\n    if x: plan = 1\n    return plan\nf()",
    "class A:\n    x = plan",
    "class A:\n    plan = plan",
    "class A(plan): pass",
    "class A:\n    plan = 1\n    def m(self): return plan\nA().m()",
    "if no: plan = 1\nprint(plan)",
    "for plan in []: pass\nprint(plan)",
    "try: plan = 1 / 0\nexcept ZeroDivisionError: pass\nprint(plan)",
    "with suppress(Exception):\n    1 / 0\n    plan = 1\nprint(plan)",
    "no and (plan := 1)\nprint(plan)",
    "[plan := x for x in []]\nprint(plan)",
    "while no: plan = 1\nelse: print(plan)",
    "if yes: print(plan)",
    "if no: pass\nelif plan: pass",
    "for x in [1]: print(plan)",
    "with plan: pass",
    "with ctx(plan) as x: pass",
    "try: pass\nfinally: print(plan)",
    "try: 1 / 0\nexcept Exception: print(plan)",
    "try: pass\nexcept plan: pass",
    "match plan:\n    case 1: pass",
    "match 1:\n    case x if plan: pass",
    "match 1:\n    case plan.y: pass",
    "assert plan",
    "raise ValueError from plan",
    "import plan.sub as other; plan",
    "globals()['plan']",
    "eval('plan + 1')",
    "exec('print(plan)')",
    "%time len(plan)",
    "%timeit -n 1 -r 1 len(plan)",
    "%%time\nprint(plan)",
    "%%timeit -n1 x = plan\nx",
    "%%capture out\nprint(plan)",
    "%store plan",
    "%pinfo plan",
    "plan?",
    "%some_magic --of plan",
    "%%sql\nselect :plan from t",
    "!echo {plan.upper()}",
    "!echo $plan",
    "x = !echo {plan}",
    "%cd {plan}",
    "%%bash -s {plan}\necho $1",
    "%%edenchat\nabout {{plan}}",
    "%%edenchat\nabout {{plan:>10}}",
    "%%edenchat\nabout {{x!r:>{plan}}}",
    "%%edenchat\nabout {{old()}}",
    "%%edenchat -s {{plan}}\nhi",
    "x = %edenchat and {{plan.upper()}}?",
    "old()",
    "list(map(old, []))",
    "binds_and_reads()",
    "calls_old()",
    "partial()",
    "Thing().method()",
    "thing.method()",
    "thing",
    "closure()",
    "decorated()",
    "def f(): return old()\nf()",
    "print(_eden)",
]

DOES_NOT = [
    "1 + 1",
    "plan = 1\nprint(plan)",
    "plan = old = 1\nprint(plan, old)",
    "plan, *rest = 1, 2\nprint(plan)",
    "plan: int = 1\nprint(plan)",
    "plan: int",
    "def f(plan): return plan\nf(1)",
    "def f(*plan): return plan\nf(1)",
    "def f(**plan): return plan\nf()",
    "def f(x, /, y, *, plan=1): return plan\nf(1, 2)",
    "def f():\n    plan = 1\n    return plan\nf()",
    "def f():\n    for plan in x: pass\n    return plan\nf()",
    "def f():\n    import plan\n    return plan\nf()",
    "def f():\n    def g(): return plan\n    plan = 1\n    return g()\nf()",
    "def f():\n    def g():\n        nonlocal plan\n        plan += 1\n    plan = 1\n    g()\nf()",
    "def f():\n    [plan := y for y in x]\n    return plan\nf()",
    "def f():\n    with x as plan: return plan\nf()",
    "def f():\n    global plan\n    plan = 1\n    return plan\nf()",
    "def f():\n    match x:\n        case {'a': [plan, *_]}: return plan\nf()",
    "def f(): return plan",
    "async def f(): return plan",
    "f = lambda: plan",
    "class A:\n    def m(self): return plan",
    "@functools.cache\ndef f(): return plan",
    "def f(): return plan\nplan = 1\nprint(f())",
    "plan = 1\nold()",
    "plan = 1\nbinds_and_reads()",
    "def plan(): pass\nplan()",
    "class plan: pass\nplan()",
    "class A:\n    plan = 1\n    x = plan",
    "lambda plan: plan",
    "(lambda plan: plan + 1)(1)",
    "sorted(x, key=lambda plan: plan)",
    "[plan for plan in range(2)]",
    "{plan: 1 for plan in range(2)}",
    "{plan for x in y for plan in x if plan}",
    "sum(plan for plan in range(2))",
    "for plan in range(2): print(plan)",
    "for plan in range(2): pass\nprint(plan)",
    "for i, (plan, x) in []: print(plan)",
    "for i in [1, 2]:\n    if i == 1: plan = i\n    else: plan += i",
    "import plan\nplan.x",
    "import os as plan\nplan.x",
    "import plan.sub\nplan",
    "from x import y as plan\nplan",
    "with open(x) as plan: print(plan)",
    "with a as (plan, x), b(plan): pass",
    "try: 1 / 0\nexcept Exception as plan: print(plan)",
    "match 1:\n    case plan: print(plan)",
    "match 1:\n    case plan if plan: print(plan)",
    "match {}:\n    case {'a': 1, **plan}: print(plan)",
    "match []:\n    case [1, *plan]: print(plan)",
    "if (plan := 1): print(plan)",
    "while (plan := 0): print(plan)",
    "(plan := 1) and print(plan)",
    "if no: print(plan)",
    "if yes: plan = 1\nelse: plan = 2\nprint(plan)",
    "try: plan = 1\nexcept Exception: plan = 2\nprint(plan)",
    "print('plan')  # plan",
    "'''plan'''",
    "dict(plan=1)",
    "x.plan",
    "x.plan = 1",
    "x['plan']",
    "globals()['plan'] = 1\nprint(plan)",
    "exec('plan = 1')\nprint(plan)",
    "from module import *\nprint(plan)",
    "binds()\nprint(plan)",
    "globals().get('plan')",
    "!echo plan",
    "!echo $$plan",
    "!awk '{print $1}' plan.txt",
    "%time y = 1  # plan",
    "%time plan = 1",
    "%time plan = 1\nprint(plan)",
    "%timeit -n 1 x.plan",
    "%%time\nplan = 1\nprint(plan)",
    "%%time\ndef f(plan): return plan\nf(1)",
    "%%capture plan\nprint(1)",
    "%%html\n<b>plan</b>",
    "%%javascript\nplan",
    "%%bash\necho plan $plan",
    "%%writefile plan.txt\nplan",
    "%cd plan",
    "%env plan",
    "%load_ext plan",
    "%%edenchat\nmy plan {plan}",
    "%%edenchat plan\nagain",
    "%%edenchat -s plan\n{{x}}",
    "%%edenchat --raw\nabout {{plan}}",
    "%%edenchat\n{{[plan for plan in range(2)]}}",
    "other()",
    "shadows(1)",
    "library(1)",
    "Other().method()",
    "os",
]

# What the cells before have defined. `library` is a function of another module, whose `plan` is another one.
BEFORE = """
%load_ext edenai_nb
import functools, os, sys, types
from contextlib import nullcontext, suppress
def old(): return plan
def calls_old(): return [old() for _ in [1]]
def binds_and_reads():
    if x: pass
    global plan
    plan = plan + 1
def other(): return 1
def shadows(plan): return plan
class Thing:
    def method(self): return plan
class Other:
    plan = 1
    def method(self): return self.plan
def make():
    def inner(): return old()
    return lambda: inner()
def binds(): globals().update(plan=1)
library = types.FunctionType(old.__code__, {"plan": 1})
thing, partial, closure, decorated = Thing(), functools.partial(old), make(), functools.lru_cache(old)
for name in ("plan", "plan.sub", "module"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["plan"].sub = sys.modules["module"].plan = 1

class Asked(Exception):
    pass
class Later:
    done, error, value = False, None, "the plan"
    def wait(self, timeout=None): raise Asked
    def on_end(self, callback): pass
    def stop(self): pass

def outcome(cell):
    ip = get_ipython()
    variables = ip.magics_manager.registry["EdenMagics"].session.variables
    ip.user_ns.update(x=[1, 2], y=types.SimpleNamespace(y=1), yes=True, no=False, ctx=nullcontext, open=nullcontext)
    variables.expect("plan", Later())
    variables.expect("_eden", Later())
    error = ip.run_cell(cell).error_in_exec
    return f"{type(error).__name__}: {error}".splitlines()[0]
"""


@pytest.fixture(scope="module")
def outcomes(clean_surroundings: Path) -> Iterator[Callable[[str], str]]:
    """What ends a cell in a real kernel in which `plan` is pending: "Asked: " where it comes to wait."""
    kernel = Kernel(clean_surroundings).ready()
    assert kernel.run(BEFORE).status == "ok"
    yield lambda cell: kernel.run(f"print('\\n' + outcome({cell!r}))").stdout.splitlines()[-1]
    kernel.shutdown()


@pytest.mark.parametrize("cell", NEEDS_IT)
def test_a_cell_that_reads_a_pending_name_waits(outcomes: Callable[[str], str], cell: str) -> None:
    assert outcomes(cell) == "Asked: "


@pytest.mark.parametrize("cell", DOES_NOT)
def test_a_cell_with_a_name_of_its_own_does_not_wait(outcomes: Callable[[str], str], cell: str) -> None:
    ended = outcomes(cell)
    assert not ended.startswith("Asked")
    assert "name 'plan'" not in ended


def pending(kernel: Kernel, sandbox: Sandbox) -> threading.Event:
    """`plan` is being answered until the event is set."""
    gate = gated(sandbox)
    assert kernel.run("%%edenchat plan -q --once\nhi").status == "ok"
    return gate


def test_a_loop_over_a_pending_name_waits_once_and_goes_on(notebook: Kernel, sandbox: Sandbox) -> None:
    gate = pending(notebook, sandbox)
    loop = notebook.start("n = 0\nfor i in range(1000): n += len(plan)\nprint(n)")
    gate.set()
    assert notebook.finish(loop).stdout == f"{1000 * len('The first half, the rest.')}\n"


def test_what_stands_before_runs_before_the_cell_waits(notebook: Kernel, sandbox: Sandbox) -> None:
    gate = pending(notebook, sandbox)
    cell = notebook.start("import asyncio\nprint('before')\nawait asyncio.sleep(0)\nprint(plan)")
    notebook.wait(lambda: "before" in cell.stdout)
    gate.set()
    assert notebook.finish(cell).stdout == "before\nThe first half, the rest.\n"


def test_a_message_of_a_window_never_waits_for_a_name_that_is_being_answered(
    notebook: Kernel, sandbox: Sandbox
) -> None:
    gate = pending(notebook, sandbox)
    fill = "get_ipython().magics_manager.registry['EdenMagics'].fill_message('about {{plan}}')"
    result = notebook.run(fill)
    gate.set()
    assert result.error == "InvalidInput"
    assert "plan is still being answered" in result.traceback[-1]


@pytest.mark.parametrize(
    "give",
    [
        "plan = 'mine'",
        "globals()['plan'] = 'mine'",
        "exec(\"plan = 'mine'\")",
        "globals().update(plan='mine')",
        "get_ipython().push({'plan': 'mine'})",
        "match 'mine':\n    case plan: pass",
        "def f():\n    global plan\n    plan = 'mine'\nf()",
        "import threading\nt = threading.Thread(target=lambda: globals().update(plan='mine')); t.start(); t.join()",
        "import sys, types\nsys.modules['m'] = m = types.ModuleType('m'); m.plan = 'mine'\nfrom m import *",
    ],
)
def test_a_name_that_the_user_gives_meanwhile_stays_the_users(
    notebook: Kernel,
    sandbox: Sandbox,
    give: str,
) -> None:
    gate = pending(notebook, sandbox)
    assert notebook.run(give).status == "ok"
    gate.set()
    assert notebook.run("print(_eden, plan)").stdout == "The first half, the rest. mine\n"


@pytest.mark.parametrize(
    "cell", ["plan = 5\nprint(plan)", "print([plan for plan in [5]][0])", "def f(plan): print(plan)\nf(5)"]
)
def test_a_failed_answer_stops_no_cell_that_does_not_need_it(
    notebook: Kernel,
    sandbox: Sandbox,
    cell: str,
) -> None:
    sandbox.enqueue(Script.error(402, {"error": "Insufficient credits"}))
    notebook.run("%%edenchat plan -q --wait\nhi")
    assert notebook.run("print(plan)").error == "OutOfCredits"
    assert notebook.run(cell).stdout == "5\n"


@pytest.mark.parametrize("name", ["re\u0301gle", "\uff56\uff11", "\u00b5", "r\u00e9sum\u00e9", "摘要"])
def test_a_name_is_the_one_that_python_looks_for(notebook: Kernel, sandbox: Sandbox, name: str) -> None:
    gate = gated(sandbox)
    notebook.run(f"%%edenchat {name} -q\nhi")
    cell = notebook.start(f"print({name})")
    gate.set()
    assert notebook.finish(cell).stdout == "The first half, the rest.\n"
