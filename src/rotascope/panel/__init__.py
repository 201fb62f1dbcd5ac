"""The engine's questions over thousands of securities, as SQL that runs verbatim on DuckDB and on Spark.

A measure is one named text in `measures/`. It reads four tables, `prices`, `members`, `benchmark` and
`calendar`, and its parameters are written into it before it runs; the text that ran is kept in the result.
"""

from rotascope.panel.build import build_panel
from rotascope.panel.engines import Engine, open_engine
from rotascope.panel.incremental import PanelState
from rotascope.panel.measures import MEASURES, Measure, find_measure
from rotascope.panel.result import PanelResult
from rotascope.panel.tables import PanelTables

__all__ = [
    "MEASURES",
    "Engine",
    "Measure",
    "PanelResult",
    "PanelState",
    "PanelTables",
    "build_panel",
    "find_measure",
    "open_engine",
]
