"""The verifier as one file, to lie in every bundle."""

from __future__ import annotations

import ast
from functools import cache
from importlib import resources

PACKAGE = "rotascope_verify"
# Each module after those that it imports.
MODULES = [
    "failures",
    "reading",
    "numerals",
    "lexicon",
    "observations",
    "ops",
    "ops_paths",
    "ops_windows",
    "ops_engine_grid",
    "ops_engine_lists",
    "ops_engine_rotation",
    "ops_engine_members",
    "ops_engine_signals",
    "ops_engine_inference",
    "ops_engine_states",
    "ops_engine_switching",
    "ops_engine_past",
    "ops_engine_standing",
    "ops_sequels",
    "events",
    "sources",
    "quotations",
    "facts",
    "consistency",
    "ops_engine_about",
    "evaluate",
    "claims",
    "spans",
    "related",
    "bindings",
    "document",
    "charts_paths",
    "charts_data",
    "charts_spec",
    "charts_svg",
    "charts",
    "markdown",
    "htmltext",
    "pdffile",
    "pdftext",
    "pdfcheck",
    "xbrl_expect",
    "xbrl",
    "crate",
    "bundle",
    "cli",
]
HEAD = '''#!/usr/bin/env python3
"""Check the bundle in this folder: recompute every number of the report from its observations.

Usage: python3 verify.py [DIR] [--json]. Needs Python 3.11 and nothing else. Exit code 0: every check
passed; 1: some failed, one line each; 2: the folder is not a bundle.
"""

from __future__ import annotations

'''
TAIL = """

if __name__ == "__main__":
    sys.exit(main(default=Path(__file__).resolve().parent))
"""


@cache
def single_file() -> str:
    """Return the source of the verifier as one file that needs only the standard library.

    The same modules give the same text. Imports within the package are dropped, the others are
    gathered at the top; so no two modules may define the same name.
    """
    imports: set[str] = set()
    parts = []
    for name in MODULES:
        source = resources.files(PACKAGE).joinpath(f"{name}.py").read_text(encoding="utf-8")
        body, own = _without_imports(source)
        imports |= own
        parts.append(f"\n\n# {name}\n\n{body.strip()}\n")
    return HEAD + "\n".join(sorted(imports)) + "\n" + "".join(parts) + TAIL


def _without_imports(source: str) -> tuple[str, set[str]]:
    """Return a module without its docstring and imports, and those imports that are not of the package."""
    lines = source.splitlines()
    imports: set[str] = set()
    tree = ast.parse(source)
    drop = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in drop:
        text = ast.unparse(node)
        if not text.startswith((f"from {PACKAGE}", "from __future__")):
            imports.add(text)
    if ast.get_docstring(tree) is not None:
        drop.append(tree.body[0])  # type: ignore[arg-type]
    gone = {i for node in drop for i in range(node.lineno - 1, node.end_lineno or node.lineno)}
    return "\n".join(line for i, line in enumerate(lines) if i not in gone), imports
