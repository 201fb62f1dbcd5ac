"""JSON Schemas (2020-12) of the files of a bundle.

They say what shape the files have, as strictly as docs/bundle-format.md. Whether what stands in them is true
is what the verifier checks.
"""

from __future__ import annotations

from importlib import resources

from rotascope.model.errors import UnknownNameError

_ENDING = ".schema.json"


def names() -> list[str]:
    """Return the names of the schemas: those of the files without `.json`."""
    files = resources.files("rotascope.report.schema").iterdir()
    return sorted(f.name.removesuffix(_ENDING) for f in files if f.name.endswith(_ENDING))


def schema_text(name: str) -> str:
    """Return a schema as JSON text. Raises UnknownNameError."""
    plain = name.removesuffix(".json")
    if plain not in names():
        raise UnknownNameError(f"There is no schema of '{name}'.", fix=f"Schemas: {', '.join(names())}.")
    return (resources.files("rotascope.report.schema") / f"{plain}{_ENDING}").read_text(encoding="utf-8")
