"""The engines that every measure runs on."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rotascope.panel import Engine, PanelTables, open_engine

SPARK = os.environ.get("ROTASCOPE_TEST_SPARK") == "1"
MASTER = os.environ.get("ROTASCOPE_TEST_SPARK_MASTER", "local[2]")
Opener = Callable[[PanelTables], Engine]


@pytest.fixture(scope="session")
def spark_session() -> Iterator[Any]:
    """Start one session for all tests: the engines that find it use it and leave it running."""
    if not SPARK:
        pytest.skip("Spark takes long: set ROTASCOPE_TEST_SPARK=1, or run `make spark-test`")
    sql = pytest.importorskip("pyspark.sql", reason="the extra `spark` is not installed")
    from rotascope.panel.engines.spark_engine import SETTINGS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        builder = sql.SparkSession.builder.master(MASTER).appName("conformance")
        for name, value in {**SETTINGS, "spark.sql.shuffle.partitions": "2"}.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(params=["duckdb", "reference", "arrays", pytest.param("spark", marks=pytest.mark.spark)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Return the name of an engine, with Spark's session started for Spark."""
    name: str = request.param
    if name != "spark":
        return name
    request.getfixturevalue("spark_session")
    return MASTER


@pytest.fixture
def opened(engine_name: str) -> Iterator[Opener]:
    """Return a function that opens a panel on the engine; what it opened is closed at the end."""
    engines: list[Engine] = []

    def open_panel(tables: PanelTables) -> Engine:
        engines.append(open_engine(engine_name, tables))
        return engines[-1]

    yield open_panel
    for engine in engines:
        engine.close()
