"""Making a rendering of a published bundle again, to compare its bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from rotascope.model.errors import BadInputError
from rotascope.report.render.pdf import typeset
from rotascope.report.render.pdf_data import chart_files


def same_pdf(folder: Path) -> bool:
    """Whether report.pdf of a bundle is, byte for byte, what this program makes of the bundle's JSON.

    A PDF made by another version of the program or of typst may differ though nothing in it is wrong.

    Raises: BadInputError if the folder has no report.pdf, or its JSON cannot be read.
    """
    try:
        text = (folder / "report.json").read_bytes()
        report, facts = json.loads(text), json.loads((folder / "facts.json").read_bytes())
        drawings = {name: (folder / f"chart-{name}.svg").read_bytes() for name in chart_files(report)}
        found = (folder / "report.pdf").read_bytes()
        made = typeset(report, facts, drawings=drawings, digest=hashlib.sha256(text).hexdigest())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            f"The PDF of {folder} cannot be made again: {error}.",
            fix="`rotascope verify` says what is wrong.",
        ) from error
    return made == found
