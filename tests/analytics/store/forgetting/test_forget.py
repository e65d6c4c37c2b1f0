import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from store_stage.rows import ask, compacted, days_ago, numbers, raw_spool, row, segment_files, spool, waiting

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.history import open_history
from lambdascope_analytics.store.amendments import amend
from lambdascope_analytics.store.compaction import compact
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.forgetting.forget import Forgotten, Matches, count_matches, forget
from lambdascope_analytics.store.forgetting.request import ForgetRequest, Key, add_request, standing_requests
from lambdascope_analytics.store.locks import exclusive
from lambdascope_analytics.store.maintenance import LOCK
from lambdascope_analytics.store.spool import SpoolWriter

ADA = "ada-lovelace@example"
OPTIONS = UpkeepOptions()


@pytest.fixture(autouse=True)
def at_once(impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.job._GRACE_S", 0.0)
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.request._LONGEST_CALL", timedelta(seconds=-1))


@pytest.fixture
def writer(directory: Path) -> Iterator[SpoolWriter]:
    """A process that runs and writes."""
    writer = SpoolWriter(directory)
    yield writer
    writer.close(30)


def request(*values: str, key: Key = "principal", **bounds: datetime) -> ForgetRequest:
    return ForgetRequest(key=key, values=values, **{"before": datetime.now(UTC), **bounds})


def write(writer: SpoolWriter, *rows: dict[str, object]) -> None:
    assert all(writer.append(each) for each in rows)
    assert writer.flush(30)


def files_that_mention(directory: Path, text: str) -> list[str]:
    """Every file that holds the text, inside of Parquet too, where it may be compressed."""
    found: list[str] = []
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if content[:4] == b"PAR1":
            with duckdb.connect() as connection:
                content += str(connection.execute(f"FROM read_parquet('{path}')").fetchall()).encode()
        if text.encode() in content:
            found.append(str(path.relative_to(directory)))
    return found


def test_rows_go_from_every_day_and_kind_of_file_and_others_stay(directory: Path) -> None:
    spool(directory, [row(number, at=days_ago(number), principal=ADA if number % 2 else "bob") for number in range(6)])
    spool(directory, [waiting(6, principal=ADA), waiting(7, principal="bob"), row(8)])
    compacted(directory)
    spool(directory, [row(9, principal=ADA), row(10, principal=f"{ADA}2")])
    assert forget(directory, request(ADA), OPTIONS) == Forgotten(
        rows=5, elsewhere=0, waiting_rows=0, waits_for=(), is_busy=False
    )
    assert numbers(directory) == [0, 2, 4, 7, 8, 10]
    assert standing_requests(directory) == {}


def test_a_call_that_was_in_flight_is_forgotten_when_it_is_recorded(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It began before the request, and no spool knew of it then."""
    began = datetime.now(UTC)
    spool(directory, [row(1, at=days_ago(1))])
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.request._LONGEST_CALL", timedelta(minutes=30))
    forget(directory, request(ADA), OPTIONS)
    spool(directory, [row(2, at=began, principal=ADA), row(3, principal=ADA)])
    compacted(directory)
    assert numbers(directory) == [1, 3], "calls that began after it are others"
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.request._LONGEST_CALL", timedelta(seconds=-1))
    compacted(directory)
    assert standing_requests(directory) == {}


def test_nothing_is_left_of_them_on_the_disk(directory: Path) -> None:
    """Not in what compaction replaced a moment before either, which readers no longer see."""
    spool(directory, [row(number, principal=ADA) for number in range(4)])
    compacted(directory)
    spool(directory, [row(9, principal=ADA), row(10)])
    assert files_that_mention(directory, ADA)
    forget(directory, request(ADA), OPTIONS)
    assert files_that_mention(directory, ADA) == []
    assert numbers(directory) == [10]


@pytest.mark.parametrize(
    ("key", "value", "left"),
    [("session_id", "s'1", [2, 3]), ("principal", "p1", [1, 3]), ("call_id", str(UUID(int=4)), [1, 2])],
)
def test_calls_are_told_by_any_of_three_keys(key: Key, value: str, left: list[int], directory: Path) -> None:
    spool(directory, [row(1, session_id="s'1"), row(2, principal="p1", session_id="p1"), row(3)])
    assert forget(directory, request(value, key=key), OPTIONS).rows == 1
    assert numbers(directory) == left


def test_a_time_span_takes_its_start_and_leaves_its_end(directory: Path) -> None:
    moments = [days_ago(number) for number in range(5)]
    spool(directory, [row(number, at=at, principal=ADA) for number, at in enumerate(moments)])
    assert forget(directory, request(ADA, since=moments[3], before=moments[1]), OPTIONS).rows == 2
    assert numbers(directory) == [0, 1, 4]


def test_rows_that_a_process_is_still_writing_wait_and_go_when_it_has_ended(
    directory: Path, writer: SpoolWriter
) -> None:
    write(writer, row(1, principal=ADA), row(2), row(3, principal=ADA))
    done = forget(directory, request(ADA), OPTIONS)
    assert (done.rows, done.waiting_rows, done.waits_for) == (0, 2, (writer.path.name,))
    assert numbers(directory) == [1, 2, 3]
    (kept,) = standing_requests(directory)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert compacted(directory).forgotten == 0
    assert writer.close(30)
    assert compacted(directory).forgotten == 2
    assert numbers(directory) == [2]
    assert standing_requests(directory) == {}
    assert files_that_mention(directory, ADA) == []


def test_a_request_that_waits_is_met_where_it_can_be_meanwhile(directory: Path, writer: SpoolWriter) -> None:
    spool(directory, [row(1, principal=ADA)])
    write(writer, row(2, principal=ADA))
    done = forget(directory, request(ADA), OPTIONS)
    assert (done.rows, done.waiting_rows) == (1, 1)
    assert numbers(directory) == [2]


def test_what_began_after_the_request_is_not_forgotten(directory: Path, writer: SpoolWriter) -> None:
    write(writer, row(1, principal=ADA))
    forget(directory, request(ADA), OPTIONS)
    write(writer, row(2, principal=ADA, at=datetime.now(UTC) + timedelta(seconds=1)))
    assert writer.close(30)
    compacted(directory)
    assert numbers(directory) == [2]


def test_a_spool_that_had_to_be_mended_is_still_waited_for(
    directory: Path, writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mended spool goes on under another name; it must not fall out of the request."""
    write(writer, row(1, principal=ADA))
    forget(directory, request(ADA), OPTIONS)
    assert writer.close(30)
    with writer.path.open("ab") as file:
        file.write(b"torn")
    mended = writer.path.with_name(f"{writer.path.stem}.salvaged.jsonl")
    writer.path.rename(mended)
    (waits,) = standing_requests(directory).values()
    assert waits.waits_for == (writer.path.name,)
    with monkeypatch.context() as held:
        held.setattr("lambdascope_analytics.store.compaction.due_spools", lambda *_: [])
        compacted(directory)
    assert len(standing_requests(directory)) == 1
    compacted(directory)
    assert numbers(directory) == []
    assert standing_requests(directory) == {}


def test_amendments_of_forgotten_calls_go_too_and_others_stay(directory: Path, writer: SpoolWriter) -> None:
    at = days_ago(1)
    spool(directory, [waiting(1, at=at, principal=ADA)])
    compacted(directory)
    write(writer, waiting(2, at=at, principal=ADA), waiting(3, at=at))
    for number in (1, 2, 3, 4):
        amend(directory, [{"call_id": UUID(int=number + 1), "started_at": at, "error_message": f"said {number}"}])
    forget(directory, request(ADA), OPTIONS)
    assert files_that_mention(directory, "said 1") == []
    assert files_that_mention(directory, "said 2") == []
    assert len(files_that_mention(directory, "said 3")) == 1
    assert len(files_that_mention(directory, "said 4")) == 1
    assert ask(directory, "SELECT pid, error_message FROM calls ORDER BY pid") == [(2, None), (3, "said 3")]


def test_what_waits_for_its_upload_loses_the_rows_and_keeps_its_name(directory: Path) -> None:
    """A file of which all is forgotten must still go, to take the place of what may be in S3 of it."""
    spool(directory, [row(1, principal=ADA, at=days_ago(1)), row(2, at=days_ago(1)), row(3, principal=ADA)])
    compacted(directory, uploads=True)
    outbox = sorted((directory / "outbox").rglob("*.parquet"))
    interrupted = outbox[0].rename(f"{outbox[0]}.done")
    os.utime(interrupted, (days_ago(1).timestamp(),) * 2)
    written_at = interrupted.stat().st_mtime_ns
    done = forget(directory, request(ADA), UpkeepOptions(uploads=True))
    assert (done.rows, done.elsewhere) == (2, 2)
    after = sorted((directory / "outbox").rglob("*.parquet*"))
    assert after == [interrupted, outbox[1]]
    with duckdb.connect() as connection:
        rows = [connection.execute(f"SELECT pid FROM read_parquet('{path}')").fetchall() for path in after]
    assert rows == [[(2,)], []]
    assert {path.stat().st_mode & 0o777 for path in after} == {0o600}
    assert interrupted.stat().st_mtime_ns == written_at  # the name of an amendment in S3 is made from it
    assert files_that_mention(directory, ADA) == []


ASIDE = """\
{"call_id": "1", "principal": "ada-lovelace@example", "started_at": "2020-01-01T00:00:00Z", "memory_mb": "x"}
{"call_id": "2", "principal": "ada-lovelace@example", "started_at": "never"}
{"call_id": "3", "principal": "ada-lovelace@example", "started_at": "2020-01-01T00:00:00"}
{"call_id": "4", "principal": "ada-lovelace@example", "started_at": "2999-01-01T00:00:00Z"}
{"call_id": "5", "principal": "bob", "error_message": "ada-lovelace@example", "started_at": "2020-01-01T00:00:00Z"}
{"call_id": "6", "principal": "ada-lovelace@exam
{"call_id": "7", "principal": "ada-lovelace@example", "outco
2020-01-01T00:00:00Z,ada-lovelace@example,three
2020-01-01T00:00:00Z,ada-lovelace@example2,four
["ada-lovelace@example"]
"""


def test_lines_set_aside_that_mention_them_go_and_others_stay(directory: Path) -> None:
    compacted(directory)
    aside = directory / "set-aside"
    aside.mkdir()
    (aside / "odd.jsonl").write_text(ASIDE)
    (aside / "bytes").write_bytes(b"\xff\xfe" + ADA.encode() + b"\x00no line end")
    done = forget(directory, request(ADA), OPTIONS)
    lines = ASIDE.splitlines(keepends=True)
    assert (aside / "odd.jsonl").read_text() == "".join([lines[3], lines[4], lines[5], lines[8]])
    assert (aside / "bytes").read_bytes() == b""
    assert done.elsewhere == 7


def test_a_segment_set_aside_loses_the_rows_and_one_that_is_broken_is_named(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool(directory, [row(1, principal=ADA), row(2)])
    compacted(directory)
    (directory / "set-aside").mkdir()
    (segment,) = segment_files(directory)
    (directory / "set-aside" / "whole.parquet").write_bytes(segment.read_bytes())
    (directory / "set-aside" / "broken.parquet").write_bytes(segment.read_bytes()[:-20])
    assert forget(directory, request(ADA), OPTIONS).elsewhere == 1
    assert "broken.parquet cannot be searched" in caplog.text
    with duckdb.connect() as connection:
        sql = f"SELECT pid FROM read_parquet('{directory}/set-aside/whole.parquet')"
        assert connection.execute(sql).fetchall() == [(2,)]


def test_counting_changes_nothing(directory: Path, writer: SpoolWriter) -> None:
    spool(directory, [row(1, principal=ADA)])
    write(writer, row(2, principal=ADA), row(3))
    open_history(directory).close()
    before = {path: path.stat().st_mtime_ns for path in directory.rglob("*")}
    assert count_matches(directory, request(ADA)) == Matches(rows=2, in_live_spools=1)
    assert {path: path.stat().st_mtime_ns for path in directory.rglob("*")} == before


def test_a_compaction_that_is_under_way_leaves_the_request_standing(directory: Path) -> None:
    spool(directory, [row(1, principal=ADA)])
    open_history(directory).close()
    with exclusive(directory / LOCK, wait_s=0):
        done = forget(directory, request(ADA), OPTIONS, wait_s=0)
    assert (done.rows, done.waiting_rows, done.is_busy) == (0, 1, True)
    assert compacted(directory).forgotten == 1
    assert numbers(directory) == []


KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from lambdascope_analytics.store import publish, durable, compactor
from lambdascope_analytics.store.due import UpkeepOptions
from lambdascope_analytics.store.forgetting import forget, job
compactor._LEAST_BIND_S = compactor._BIND_FACTOR = job._GRACE_S = 0
left = int(sys.argv[2])
def dying(step):
    def run(*arguments, **more):
        global left
        left -= 1
        if left == 0:
            os._exit(9)
        return step(*arguments, **more)
    return run
publish.replace_hidden = dying(publish.replace_hidden)
publish.move_durably = dying(publish.move_durably)
job.forget_in_outbox = dying(job.forget_in_outbox)
job.remove_done = dying(job.remove_done)
request = forget.ForgetRequest(key="principal", values=("ada-lovelace@example",), before=datetime.now(UTC))
forget.forget(Path(sys.argv[1]), request, UpkeepOptions())
"""


@pytest.mark.parametrize("step", range(1, 7))
def test_forgetting_that_was_killed_is_finished_by_the_next_compaction(step: int, directory: Path) -> None:
    """At each of its steps no other row is lost or doubled; at the end nothing of the forgotten ones is left."""
    spool(directory, [row(1, principal=ADA, at=days_ago(2)), row(2, at=days_ago(2)), row(3, principal=ADA)])
    compacted(directory)
    child = subprocess.run([sys.executable, "-c", KILLED, str(directory), str(step)], check=False, timeout=60)
    assert child.returncode == 9
    assert [number for number in numbers(directory) if number == 2] == [2]
    compacted(directory)
    assert numbers(directory) == [2]
    assert files_that_mention(directory, ADA) == []
    assert standing_requests(directory) == {}


def test_large_histories_are_rewritten_a_few_files_at_a_time(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.job._BYTES_AT_ONCE", 1)
    spool(
        directory, [row(number, at=days_ago(number // 2), principal=ADA if number % 2 else None) for number in range(8)]
    )
    assert forget(directory, request(ADA), OPTIONS).rows == 4
    assert numbers(directory) == [0, 2, 4, 6]


def test_segments_without_a_match_are_left_alone(directory: Path) -> None:
    spool(directory, [row(1, at=days_ago(3), principal=ADA), row(2, at=days_ago(2)), row(3, at=days_ago(1))])
    compacted(directory)
    before = set(segment_files(directory))
    forget(directory, request(ADA), OPTIONS)
    assert set(segment_files(directory)) == {path for path in before if days_ago(3).date().isoformat() not in str(path)}


def test_a_request_that_cannot_be_read_is_named_and_harms_nothing(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    spool(directory, [row(1, principal=ADA)])
    (directory / "forget").mkdir()
    (directory / "forget" / "x.json").write_text('{"key": "principal"')
    compacted(directory)
    assert "x.json cannot be read and is not met" in caplog.text
    assert numbers(directory) == [1]


@pytest.mark.parametrize(
    ("key", "values"), [("principal", ()), ("session_id", ("a", "")), ("call_id", ("1' OR true --",))]
)
def test_a_request_that_matches_nothing_or_anything_is_refused(key: Key, values: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"no empty one|is no call id"):
        request(*values, key=key)


def test_values_are_values_and_never_sql(directory: Path) -> None:
    spool(directory, [row(1, principal="x"), row(2, principal="' OR true --")])
    assert forget(directory, request("' OR true --"), OPTIONS).rows == 1
    assert numbers(directory) == [1]


def test_where_there_is_no_history_none_is_made(directory: Path) -> None:
    with pytest.raises(HistoryError, match="no history"):
        forget(directory, request(ADA), OPTIONS)
    with pytest.raises(HistoryError, match="no history"):
        count_matches(directory, request(ADA))
    assert not directory.exists()


def test_a_history_of_a_newer_version_is_left_as_it_is(directory: Path) -> None:
    spool(directory, [row(1, principal=ADA)])
    open_history(directory).close()
    (directory / "history.version").write_text("99 whatever")
    with pytest.raises(HistoryError, match="newer"):
        forget(directory, request(ADA), OPTIONS)
    assert not (directory / "forget").exists()


def test_requests_do_not_slow_a_compaction_that_has_none(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr("lambdascope_analytics.store.forgetting.job._GRACE_S", 5.0)
    spool(directory, [row(1)])
    compact(directory, OPTIONS, everything=True)
    assert 5.0 not in slept
    add_request(directory, request(ADA))
    spool(directory, [row(2, principal=ADA, at=days_ago(1))])
    compact(directory, OPTIONS, everything=True)
    assert 5.0 in slept


def test_a_spool_that_is_no_spool_does_not_stop_it(directory: Path) -> None:
    spool(directory, [row(1, principal=ADA)])
    raw_spool(directory, b'{"principal": "ada-lovelace@example", "torn\nnonsense\n')
    assert forget(directory, request(ADA), OPTIONS).rows == 1
    assert files_that_mention(directory, ADA) == []
