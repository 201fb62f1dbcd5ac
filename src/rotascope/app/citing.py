"""Figures of cited articles as rows: reported, one series each, beside whatever another reader has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from rotascope.model.errors import NotAvailableError
from rotascope.model.observations import Field, Frequency, SeriesMeta, Source
from rotascope.model.press import CheckedArticle, CheckedFigure, figure_series
from rotascope.store.series import SeriesData


class CitingReader:
    """Another reader, and the figures of some articles. Each figure is seen from its article's day on."""

    def __init__(self, inner: Any, articles: Sequence[CheckedArticle]) -> None:
        self._inner = inner
        self._sources = {a.source.id: a.source for a in articles}
        self._rows = {
            figure_series(a, f): _row(a, f) for a in articles for f in a.figures if f.unit and f.literal
        }

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def read(self, series: str, field: Field, *, as_of: date, **choice: Any) -> SeriesData:
        """Return a figure as a series with one row, or what the other reader has."""
        if series not in self._rows:
            data: SeriesData = self._inner.read(series, field, as_of=as_of, **choice)
            return data
        row = self._rows[series]
        published = row.source.published
        if field is not Field.VALUE or published is None or published > as_of:
            raise NotAvailableError(f"{series} {field} was not known on {as_of}.")
        return row

    def source(self, source_id: str, snapshot: str) -> Source:
        """Return a source that rows of a snapshot refer to."""
        found: Source = self._sources.get(source_id) or self._inner.source(source_id, snapshot)
        return found

    def find_source(self, source_id: str) -> Source:
        """Return a source wherever it is. Raises NotAvailableError."""
        found: Source = self._sources.get(source_id) or self._inner.find_source(source_id)
        return found


def _row(article: CheckedArticle, figure: CheckedFigure) -> SeriesData:
    assert figure.unit is not None and figure.literal is not None
    window = figure.literal.reading.window
    said = {"window_start": window.start.isoformat(), "window_end": window.end.isoformat()}
    meta = SeriesMeta(
        figure_series(article, figure),
        Field.VALUE,
        figure.unit,
        Frequency.IRREGULAR,
        article.source.id,
        attributes=said,
    )
    return SeriesData(
        meta,
        np.array([window.end], dtype="datetime64[D]"),
        np.array([float(figure.printed)]),
        snapshot=article.source.sha256,
        source=article.source,
    )
