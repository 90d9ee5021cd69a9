"""The global names that each statement of a cell reads, by Python's own rules of scope."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from . import local_names, magic_text

Guard = Callable[[set[str], ast.stmt], list[ast.stmt]]

_RUN_AT_ONCE = {"interact"}  # decorators that call the function where it is defined


def guard_cell(cell: ast.Module, guard: Guard) -> None:
    """Put what `guard(names, statement)` gives before each statement that may read these global names.

    Names that the cell has surely bound before are not among them. What a function, a method or a lambda reads
    counts where its name is used, not where it is defined. The statements inside of `if`, `for`, `with`, `try` and
    `match` are guarded one by one: a branch that is not taken asks for nothing.
    """
    _Scope(guard=guard).block(cell.body)


class _Scope(ast.NodeVisitor):
    """One scope, walked from top to bottom."""

    def __init__(self, around: _Scope | None = None, guard: Guard | None = None) -> None:
        self.read: set[str] = set()  # global names; where there is a guard, those of the current statement
        self.private: frozenset[str] = around.private if around else frozenset()  # of functions: never global
        self.bound: set[str] = set(around.bound) if around else set()  # surely bound by now
        self.later: dict[str, set[str]] = dict(around.later) if around else {}  # name -> what using it reads
        self._guard = guard
        self._out: list[ast.stmt] = []
        self._in_branch = False
        self._in_function = False

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
        """The global names that a function inside of this scope reads when it runs."""
        inside = _Scope(self)
        private, declared = local_names.of(node)
        inside.private = (self.private | private) - declared
        inside.bound, inside.later, inside._in_function = set(), {}, True
        for statement in [node.body] if isinstance(node, ast.Lambda) else node.body:
            inside.visit(statement)
        return inside.read

    # Statements

    def block(self, body: list[ast.stmt]) -> None:
        around, self._out = self._out, []
        for statement in body:
            self.visit(statement)
            self._settle(statement)
            self._out.append(statement)
        body[:], self._out = self._out, around

    def _settle(self, statement: ast.stmt) -> None:
        """Guard what has been read since the last time."""
        if self._guard is not None and self.read:
            self._out += self._guard(self.read, statement)
            self.read = set()

    @contextmanager
    def _branch(self) -> Iterator[None]:
        """What is bound inside need not be bound afterwards."""
        bound, in_branch, self._in_branch = set(self.bound), self._in_branch, True
        yield
        self.bound, self._in_branch = bound, in_branch

    def _branches(self, *bodies: list[ast.stmt]) -> None:
        for body in bodies:
            with self._branch():
                self.block(body)

    def visit_If(self, node: ast.If | ast.While) -> None:
        self.visit(node.test)
        self._settle(node)
        self._branches(node.body, node.orelse)

    visit_While = visit_If

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        with self._branch():
            self.visit(node.target)
            self._settle(node)
            self.block(node.body)
        self._branches(node.orelse)

    visit_AsyncFor = visit_For

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        with self._branch():  # it may swallow what its body raises
            for item in node.items:
                self.visit(item)
            self._settle(node)
            self.block(node.body)

    visit_AsyncWith = visit_With

    def visit_Try(self, node: Any) -> None:
        for handler in node.handlers:
            self._visit_all(handler.type)
        self._settle(node)
        with self._branch():
            self.block(node.body)
            self.block(node.orelse)
        for handler in node.handlers:
            with self._branch():
                self._bind_all(handler.name)
                self.block(handler.body)
        self.block(node.finalbody)

    visit_TryStar = visit_Try

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        for case in node.cases:
            with self._branch():
                self._visit_all(case.pattern, case.guard)
        self._settle(node)
        for case in node.cases:
            with self._branch():
                self._bind_all(*local_names.stored(case.pattern))
                self.block(case.body)

    # Expressions that may not run

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        with self._branch():
            self._visit_all(*node.values[1:])

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        for part in (node.body, node.orelse):
            with self._branch():
                self.visit(part)

    def visit_ListComp(self, node: Any) -> None:
        first, *others = node.generators
        self.visit(first.iter)
        around = self.private, self.later
        own = local_names.stored(*(generator.target for generator in node.generators))
        self.private |= own
        self.later = {name: reads for name, reads in self.later.items() if name not in own}
        with self._branch():
            self._visit_all(*first.ifs, *(part for other in others for part in (other.iter, *other.ifs)))
            self._visit_all(*(getattr(node, part, None) for part in ("elt", "key", "value")))
        self.private, self.later = around

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    # Bindings

    def _bind_all(self, *names: str | None) -> None:
        for name in filter(None, names):
            self.bound.add(name)
            if not self._in_branch:
                self.later.pop(name, None)

    def _define(self, name: str, reads: Iterable[str]) -> None:
        self._bind_all(name)
        if self._in_function:
            self._read_all(reads)  # an inner function may be handed out and called from anywhere
        else:
            self.later[name] = self.later.get(name, set()) | set(reads)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self._bind_all(*local_names.stored(node))

    visit_ImportFrom = visit_Import

    def visit_pattern(self, node: ast.AST) -> None:
        self.generic_visit(node)
        self._bind_all(*local_names.stored(node))

    visit_MatchAs = visit_MatchStar = visit_MatchMapping = visit_pattern

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if isinstance(node.value, ast.Lambda) and isinstance(target, ast.Name):
            self._visit_all(node.value.args)
            self._define(target.id, self.function(node.value))
        else:
            self._visit_all(node.value, *node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_all(node.annotation, node.value)
        if node.value or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._read_all([node.target.id])
        self._visit_all(node.value, node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._visit_all(node.value, node.target)

    def visit_TypeAlias(self, node: Any) -> None:
        self.visit(node.name)  # its value is looked at when somebody asks for it

    # Scopes inside of this one

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all(*node.decorator_list, node.args, node.returns)
        self._define(node.name, self.function(node))
        if not _RUN_AT_ONCE.isdisjoint(_last_name(part) for part in node.decorator_list):
            self._read_all([node.name])

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._read_all(self.function(node))

    def visit_arguments(self, node: ast.arguments) -> None:
        every = (*node.posonlyargs, *node.args, *node.kwonlyargs, node.vararg, node.kwarg)
        self._visit_all(*node.defaults, *node.kw_defaults, *(arg and arg.annotation for arg in every))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all(*node.decorator_list, *node.bases, *node.keywords)
        inside = _Scope(self)
        inside.private |= local_names.type_parameters(node)
        inside.block(node.body)
        self._read_all(inside.read)  # the body runs where it stands, its methods later
        methods = (reads for name, reads in inside.later.items() if reads is not self.later.get(name))
        self._define(node.name, set().union(*methods))

    # Reading

    def _visit_all(self, *nodes: ast.AST | None) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _read_all(self, names: Iterable[str]) -> None:
        todo, done = set(names), set[str]()
        while todo:
            name = todo.pop()
            done.add(name)
            if name not in self.bound and name not in self.private:
                self.read.add(name)
            todo |= self.later.get(name, set()) - done

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind_all(node.id)
            return
        self._read_all([node.id])
        if isinstance(node.ctx, ast.Del):
            self.bound.discard(node.id)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.generic_visit(node)
        match node:
            case ast.Subscript(ast.Call(ast.Name(function), [], []), ast.Constant(str(name))):
                if function == "globals" or (function in ("locals", "vars") and not self._in_function):
                    self.visit_Name(ast.Name(name, node.ctx))

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        given = magic_text.of(node)
        self._read_all(given.names)
        for code in given.code:
            inside = _Scope(self)
            inside._in_function = self._in_function
            inside.block(code.body)
            self._read_all(inside.read)
            self.bound, self.later = inside.bound, inside.later


def _last_name(decorator: ast.expr) -> str:
    """`interact` of `@interact`, `@widgets.interact` and `@interact(x=3)`."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(called, "attr", getattr(called, "id", ""))
