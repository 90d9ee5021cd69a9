"""The names that a piece of code binds in its own scope."""

from __future__ import annotations

import ast
from typing import Any


def of(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> tuple[set[str], set[str]]:
    """(the names that belong to a function, the names that it declares `global`)."""
    found = _Bindings()
    args = function.args
    found.names |= {
        arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg) if arg
    }
    for part in [function.body] if isinstance(function, ast.Lambda) else function.body:
        found.visit(part)
    return (found.names | type_parameters(function)) - found.declared, found.declared


def stored(*nodes: ast.AST) -> set[str]:
    """The names that these nodes bind: targets, imports, patterns."""
    found = _Bindings()
    for node in nodes:
        found.visit(node)
    return found.names


def type_parameters(node: Any) -> set[str]:
    """`T` of `def f[T]()` and `class C[T]` (Python 3.12)."""
    return {parameter.name for parameter in getattr(node, "type_params", ())}


class _Bindings(ast.NodeVisitor):
    """Collects what is bound here, and not what is bound in scopes inside."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.declared: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.names.add(node.id)

    def visit_Global(self, node: ast.Global) -> None:
        self.declared |= set(node.names)

    def visit_alias(self, node: ast.alias) -> None:
        self.names.add((node.asname or node.name).partition(".")[0])

    def visit_definition(self, node: Any) -> None:
        self.names.add(node.name)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_definition

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def visit_named(self, node: Any) -> None:
        self.generic_visit(node)
        if node.name:
            self.names.add(node.name)

    visit_ExceptHandler = visit_MatchAs = visit_MatchStar = visit_named

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self.names.add(node.rest)

    def visit_ListComp(self, node: ast.AST) -> None:
        # Its targets are its own, but `:=` binds in the scope around it.
        inner = [part.target for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
        self.names |= {target.id for target in inner if isinstance(target, ast.Name)}

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp
