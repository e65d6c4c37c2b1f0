"""Spark on this machine, reading the segments of a history."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from lambdascope_analytics.store.row import COLUMNS

TYPES = {
    "UUID": "binary",  # Spark has no type for it, see docs/lake.md
    "TIMESTAMPTZ": "timestamp",
    "VARCHAR": "string",
    "DOUBLE": "double",
    "BIGINT": "bigint",
    "INTEGER": "int",
    "BOOLEAN": "boolean",
    "DECIMAL(18,12)": "decimal(18,12)",
}


def start_spark() -> SparkSession:
    """Start it with two threads, deaf to the network."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        # Two thousand rows: what pays with millions, such as compiling each statement, takes longest here.
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def open_calls(spark: SparkSession, directory: Path) -> int:
    """Make the segments of a history the view `calls`; return how many rows that has."""
    schema = ", ".join(f"{column.name} {TYPES[column.type]}" for column in COLUMNS)
    files = [str(path) for path in directory.glob("segments/date=2*/*.parquet")]
    stored = spark.read.schema(schema).parquet(*files)
    digits = "lower(hex(call_id))"
    places = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    text = ", ".join(f"substring({digits}, {first}, {length})" for first, length in places)
    stored.selectExpr(
        f"concat_ws('-', {text}) AS call_id", *(column.name for column in COLUMNS if column.name != "call_id")
    ).coalesce(1).cache().createOrReplaceTempView("calls")
    return spark.table("calls").count()


def asked_of(spark: SparkSession, sql: str, params: Mapping[str, object]) -> list[dict[str, Any]]:
    """The rows of one statement of Spark's dialect."""
    # A parameter without a type would be void in Spark.
    given = {name: _literal(value) for name, value in params.items()}
    return [row.asDict() for row in spark.sql(sql, args=given).collect()]


def _literal(value: object) -> object:
    from pyspark.sql import functions

    if isinstance(value, datetime):
        return functions.lit(value.astimezone(UTC))
    if isinstance(value, Decimal):
        return functions.lit(value)
    return value
