"""Skip the mutants of Cosmic Ray that no test could kill, or that any import would.

    python tools/mutation_filter.py mutants.sqlite

They are those that do not compile, those that differ in an annotation or in the marker of a
signature alone, and those that ask which of two words is the greater.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from pathlib import Path

from cosmic_ray import plugins
from cosmic_ray.mutating import mutate_code
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec, WorkerOutcome, WorkResult


class Meaning(ast.NodeTransformer):
    """What is left of a program without annotations and the markers of its signatures."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.arguments:
        node.args = [*node.posonlyargs, *node.args, *node.kwonlyargs]
        node.defaults += [default for default in node.kw_defaults if default is not None]
        node.posonlyargs, node.kwonlyargs, node.kw_defaults = [], [], []
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        node.annotation = ast.Constant(None)
        self.generic_visit(node)
        return node


def reason_to_skip(mutation: MutationSpec) -> str | None:
    code = Path(mutation.module_path).read_text(encoding="utf-8")
    operator = plugins.get_operator(mutation.operator_name)(**mutation.operator_args)
    mutated = mutate_code(code, operator, mutation.occurrence)
    try:
        tree = ast.parse(mutated)
        compile(mutated, mutation.module_path, "exec")
    except SyntaxError:
        return "does not compile"
    if any(is_order_among_words(node) for node in ast.walk(tree)):
        return "an order among words"
    same = ast.dump(Meaning().visit(tree)) == ast.dump(Meaning().visit(ast.parse(code)))
    return "an annotation, or the marker of a signature" if same else None


def is_order_among_words(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
        and isinstance(node.comparators[0], ast.Constant)
        and isinstance(node.comparators[0].value, str)
    )


skipped: Counter[str] = Counter()
with use_db(sys.argv[1]) as mutants:
    for item in mutants.pending_work_items:
        for reason in filter(None, map(reason_to_skip, item.mutations)):
            skipped[reason] += 1
            result = WorkResult(worker_outcome=WorkerOutcome.SKIPPED, output=reason)
            mutants.set_result(item.job_id, result)
print(*(f"{count} skipped: {reason}" for reason, count in skipped.items()), sep="\n")
