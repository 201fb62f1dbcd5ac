"""Rotascope from Python and in notebooks: `rotascope.report(...)` and `rotascope.fact(...)`.

    import rotascope
    r = rotascope.report("2025-12-31", "2026-01-30", as_of="2026-02-10")
    r.save("reports/january")

Nothing is handed out that the verifier rejects. docs/python.md shows each use.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rotascope.app import workflows
from rotascope.app.explain import describe
from rotascope.app.settings import Settings
from rotascope.app.workflows import Draft, FactAnswer
from rotascope.model.documents import Document
from rotascope.model.errors import BadInputError
from rotascope.model.facts import Fact as FactRecord
from rotascope.model.facts import Recipe, Window
from rotascope.model.numerals import from_number, render
from rotascope.model.units import Unit

if TYPE_CHECKING:
    from rotascope_verify import Report as VerifierReport

Day = date | str
_HEIGHT = 720  # of the frame in a notebook, in CSS pixels


def report(
    start: Day | None = None,
    end: Day | None = None,
    *,
    period: str | None = None,
    as_of: Day | None = None,
    case: str | None = None,
    universe: str = "us",
    home: str | Path | None = None,
) -> Report:
    """Write and verify a report about a window, or about a case.

    The window runs from the close of `start`, its base, to the close of `end`. Days are dates or texts
    YYYY-MM-DD. period: a name instead of the two, such as 2026-01, 2025-Q4, ytd or last-month. as_of:
    nothing is used that was not known on that day; by default today, or the case's own day. home: the
    folder of the market database; by default that of the command line.

    Raises: a RotascopeError that says what to do: no such case, no data for the window, a bad date.
    """
    request = workflows.ReportRequest(
        case=case, start=_day(start), end=_day(end), period=period, as_of=_day(as_of), universe=universe
    )
    draft = workflows.draft_report(_settings(home), request)
    return Report(draft, workflows.check_files(draft.files))


def fact(
    metric: str,
    *series: str,
    start: Day | None = None,
    end: Day | None = None,
    period: str | None = None,
    as_of: Day | None = None,
    base: str = "prior_close",
    universe: str = "us",
    home: str | Path | None = None,
    **params: Any,
) -> Fact:
    """Compute one fact: a metric of the catalogue for series, or an index family, over a window.

    base: `prior_close`, or `open`. Further keywords are parameters of the metric; docs/metrics.md lists both.

    Raises: a RotascopeError that names what is missing, and for unknown names what is near.
    """
    if base not in ("prior_close", "open"):
        raise BadInputError(f"base is '{base}'.", fix="It is prior_close or open.")
    day = _day(as_of)
    window = workflows.choose_window(
        _day(start), _day(end), period, day, "open" if base == "open" else "prior_close"
    )
    answer = workflows.make_fact(
        _settings(home), metric, series, window, as_of=day, universe=universe, params=params
    )
    return Fact(answer)


class Report:
    """A verified report. It holds its files in memory; `save` writes them."""

    def __init__(self, draft: Draft, checked: VerifierReport) -> None:
        self._draft, self._checked = draft, checked

    @property
    def document(self) -> Document:
        """The text: blocks with spans, claims, entities, sources."""
        return self._draft.document

    @property
    def facts(self) -> Mapping[str, FactRecord]:
        """All facts behind the text, by id, those that others rest on included."""
        return self._draft.facts

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files of the bundle, by name."""
        return self._draft.files

    def to_html(self) -> str:
        """Return the page, which needs nothing but itself."""
        return self.files["report.html"].decode("utf-8")

    def to_markdown(self) -> str:
        """Return the text as Markdown."""
        return self.files["report.md"].decode("utf-8")

    def save(self, folder: str | Path) -> Path:
        """Write the bundle and return its folder. An older report there is replaced; others are refused."""
        from rotascope.report.bundle import write_bundle

        write_bundle(dict(self.files), Path(folder))
        return Path(folder)

    def verify(self) -> VerifierReport:
        """Verify the files again and return what was found; its `ok` is true if nothing failed."""
        return workflows.verify_files(self.files)

    def __repr__(self) -> str:
        counts = f"{self._checked.facts} facts, {self._checked.claims} comparisons, verified"
        return f"<Report {self.document.title!r}: {counts}>"

    def _repr_html_(self) -> str:
        """Return the article in a frame of its own, without scripts; it reaches nothing of the notebook.

        The page of `to_html` carries all its evidence and is too large to keep in a notebook.
        """
        from rotascope.report.render.compact import render_compact

        drawings = {
            name.removeprefix("chart-").removesuffix(".svg"): content
            for name, content in self.files.items()
            if name.startswith("chart-")
        }
        page = html.escape(render_compact(self.document, self.facts, drawings))
        return (
            f'<iframe sandbox title="{html.escape(self.document.title)}" '
            f'style="width:100%;height:{_HEIGHT}px;border:0" srcdoc="{page}"></iframe>'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return what a notebook may choose from."""
        return {
            "text/plain": repr(self),
            "text/markdown": self.to_markdown(),
            "text/html": self._repr_html_(),
        }


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its recipe and all that it rests on."""

    answer: FactAnswer

    @property
    def value(self) -> float | date:
        """The value in `unit`; a date where the unit is `date`."""
        found = self.answer.fact
        return from_number(found.value) if found.unit is Unit.DATE else found.value

    @property
    def unit(self) -> Unit:
        """What the number counts: `percent`, `pp`, `bp`, `usd`..."""
        return self.answer.fact.unit

    @property
    def display(self) -> str:
        """The value as a report prints it by default."""
        return self.answer.fact.display

    @property
    def window(self) -> Window | None:
        """The window asked for, and the closes that were used."""
        return self.answer.fact.window

    @property
    def recipe(self) -> Recipe:
        """The operation and its parameters."""
        return self.answer.fact.recipe

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know."""
        return self.answer.fact.notes

    def explain(self) -> str:
        """Return what the fact is made of, down to the rows, as indented lines."""
        known = {f.id: f for f in self.answer.rests_on}
        return describe(self.answer.fact, known)

    def as_json(self) -> dict[str, Any]:
        """Return the fact as an object of facts.json; its input facts carry their values."""
        return self.answer.as_json()

    def format(self, *, form: str = "plain", style: str = "short", decimals: int | None = None) -> str:
        """Return the value printed another way, in the forms and styles of docs/bundle-format.md."""
        found = self.answer.fact
        return render(found.value, found.unit, form, style, found.decimals if decimals is None else decimals)

    def __repr__(self) -> str:
        found = self.answer.fact
        return f"<Fact {found.metric}({', '.join(found.series)}) = {found.display}>"

    def _repr_html_(self) -> str:
        """Return the value with what it is made of folded away."""
        found = self.answer.fact
        about = html.escape(f"{found.metric}({', '.join(found.series)})")
        return (
            f"<details><summary><strong>{html.escape(found.display)}</strong> {about}</summary>"
            f"<pre>{html.escape(self.explain())}</pre></details>"
        )


def _settings(home: str | Path | None) -> Settings:
    return Settings.from_environment() if home is None else Settings(Path(home).expanduser())


def _day(value: Day | None) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadInputError(
            f"{value!r} is not a date.", fix="Give a datetime.date, or text as in 2026-01-30."
        ) from None
