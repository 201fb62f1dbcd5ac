"""Renderings of a finished document. None of them changes a character of its text."""

from rotascope.report.render.html import render_html
from rotascope.report.render.jsonout import canonical_json, charts_json, facts_json, render_json
from rotascope.report.render.markdown import render_markdown
from rotascope.report.render.pdf import render_pdf
from rotascope.report.render.terminal import render_terminal

__all__ = [
    "canonical_json",
    "charts_json",
    "facts_json",
    "render_html",
    "render_json",
    "render_markdown",
    "render_pdf",
    "render_terminal",
]
