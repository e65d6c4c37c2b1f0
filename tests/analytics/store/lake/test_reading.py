"""The page about the lake: its SQL answers over what was really uploaded, and its tables have every column."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from lake_stage.server import S3Server

from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.lake.bucket import LakeBucket
from lambdascope_analytics.store.lake.location import LakeAccess, LakeLocation
from lambdascope_analytics.store.lake.uploader import upload_outbox
from lambdascope_analytics.store.row import COLUMNS
from lambdascope_analytics.store.spool import SpoolWriter

PAGE = (Path(__file__).parents[4] / "docs" / "lake.md").read_text(encoding="utf-8")
PREFIX = "s3://my-lake/agents"
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
OF_ATHENA = {
    "UUID": "binary",
    "TIMESTAMPTZ": "timestamp",
    "VARCHAR": "string",
    "DOUBLE": "double",
    "BIGINT": "bigint",
    "INTEGER": "int",
    "BOOLEAN": "boolean",
    "DECIMAL(18,12)": "decimal(18,12)",
}


def call_id(number: int) -> UUID:
    return UUID(int=number)


def compact(directory: Path) -> None:
    """Runs a compaction that also fills the outbox."""
    module = [sys.executable, "-P", "-m", "lambdascope_analytics.store.compaction", str(directory)]
    options = ["--everything", "--options", json.dumps({"uploads": True})]
    subprocess.run([*module, *options], check=True, capture_output=True, timeout=120)


@pytest.fixture
def fetched(
    history: Path, s3: S3Server, location: LakeLocation, credentials: pytest.MonkeyPatch, tmp_path: Path
) -> Path:
    """A history of ten asynchronous calls, one of them completed twice, as it lies in the lake."""
    writer = SpoolWriter(history)
    for number in range(10):
        row = {"call_id": call_id(number), "started_at": NOW, "function_name": "resize", "request_id": f"r{number}"}
        assert writer.append({**row, "cost_source": "none"})
    assert writer.close(30)
    compact(history)
    for cost in ("0.25", "0.5"):
        key = {"call_id": call_id(3), "started_at": NOW}
        amend(history, [{**key, "cost_usd": Decimal(cost), "cost_source": "logs"}])
        compact(history)
    bucket = LakeBucket(location, LakeAccess(endpoint=s3.url))
    assert not upload_outbox(history, bucket, lambda: NOW).errors
    for key, content in s3.contents(location.prefix).items():
        path = tmp_path / "fetched" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "fetched"


def section(title: str) -> list[str]:
    """The SQL of one section of the page."""
    text = PAGE.split(f"\n### {title}\n")[1].split("\n### ")[0]
    return re.findall(r"```sql\n(.*?)```", text, re.DOTALL)


def test_the_views_for_duckdb_show_each_call_once_and_completed(fetched: Path) -> None:
    _, views, question = section("DuckDB")
    with duckdb.connect() as connection:
        connection.execute(views.replace(PREFIX, str(fetched)))
        found = connection.execute("SELECT call_id, cost_usd FROM history ORDER BY call_id").fetchall()
        costs = {3: Decimal("0.5")}
        assert found == [(call_id(number), costs.get(number)) for number in range(10)]
        assert connection.execute(question).fetchall() == [("resize", 10, Decimal("0.5"))]
        assert connection.execute("SELECT count(*) FROM calls WHERE date = ?", [NOW.date()]).fetchall() == [(10,)]
        assert connection.execute("SELECT count(*) FROM amendments").fetchall() == [(2,)]


def test_the_table_for_athena_has_every_column_in_order_with_its_type() -> None:
    table = section("Athena")[0]
    columns = table.split("(\n")[1].split("\n)\nPARTITIONED")[0].split(",\n")
    assert [line.strip() for line in columns] == [f"{column.name} {OF_ATHENA[column.type]}" for column in COLUMNS]


def test_every_permission_and_rule_on_the_page_is_json() -> None:
    policy, rule = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert policy["Statement"][0]["Action"] == "s3:PutObject"
    assert rule["Rules"][0]["Filter"] == {"Prefix": "agents/"}
