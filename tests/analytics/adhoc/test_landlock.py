"""Landlock by itself: programs that only confine themselves and then try to reach what they should not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lambdascope_analytics.adhoc.landlock import confine_to, landlock_version

VERSION = landlock_version()
needs_landlock = pytest.mark.skipif(VERSION == 0, reason="this kernel has no Landlock")
PROGRAM = """
import socket, sys, threading
from pathlib import Path
import duckdb
from lambdascope_analytics.adhoc.database import _connect, warm_up
from lambdascope_analytics.adhoc.landlock import confine_to
inside, outside = Path(sys.argv[1]), Path(sys.argv[2])
warm_up()
connection = _connect()
connection.execute("SET enable_progress_bar = false")
assert confine_to(inside)
connection.execute("SET threads = 2")
def attempt(name, action):
    try:
        action()
        print(name, "done")
    except (OSError, duckdb.Error) as error:
        print(name, type(error).__name__)
def in_thread(action):
    failed = []
    def run():
        try:
            action()
        except OSError as error:
            failed.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
attempt("read inside", (inside / "a.csv").read_text)
attempt("list inside", lambda: list(inside.iterdir()))
attempt("read outside", (outside / "a.csv").read_text)
attempt("read outside in a thread", lambda: in_thread((outside / "a.csv").read_text))
attempt("write inside", lambda: (inside / "b.csv").write_text("x"))
attempt("change inside", lambda: (inside / "a.csv").open("r+"))
attempt("remove inside", (inside / "a.csv").unlink)
attempt("write outside", lambda: (outside / "b.csv").write_text("x"))
attempt("read system", Path("/etc/passwd").read_text)
attempt("duckdb inside", lambda: connection.execute(f"FROM read_text('{inside}/a.csv')").fetchall())
attempt("duckdb outside", lambda: connection.execute(f"FROM read_text('{outside}/a.csv')").fetchall())
attempt("duckdb copy", lambda: connection.execute(f"COPY (SELECT 1) TO '{inside}/c.csv'"))
"""
CONNECT = """
import encodings.idna, socket, sys
from pathlib import Path
from lambdascope_analytics.adhoc.landlock import confine_to
address = ("127.0.0.1", int(sys.argv[2]))
before, after = socket.socket(), socket.socket()
before.connect(address)
print("before: connected")
confine_to(Path(sys.argv[1]))
try:
    after.connect(address)
    print("after: connected")
except PermissionError:
    print("after: refused")
"""


def run(program: str, *arguments: object) -> str:
    """What a program prints."""
    command = [sys.executable, "-P", "-c", program, *map(str, arguments)]
    # A confined process cannot write what coverage would have it write.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    child = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert not child.stderr
    return child.stdout


@needs_landlock
def test_a_confined_process_reads_one_directory_and_changes_nothing(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for directory in (inside, outside):
        directory.mkdir()
        (directory / "a.csv").write_text("a\n1\n", encoding="utf-8")
    assert run(PROGRAM, inside, outside).splitlines() == [
        "read inside done",
        "list inside done",
        "read outside PermissionError",
        "read outside in a thread PermissionError",
        "write inside PermissionError",
        "change inside PermissionError",
        "remove inside PermissionError",
        "write outside PermissionError",
        "read system PermissionError",
        "duckdb inside done",
        "duckdb outside IOException",
        "duckdb copy IOException",
    ]
    assert sorted(path.name for path in tmp_path.rglob("*.csv")) == ["a.csv", "a.csv"]


@pytest.mark.skipif(VERSION < 4, reason="this kernel's Landlock does not know of connections")
def test_a_confined_process_connects_nowhere(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        assert run(CONNECT, tmp_path, server.getsockname()[1]) == "before: connected\nafter: refused\n"


def test_without_landlock_it_says_so_and_confines_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert landlock_version() == 0
    assert not confine_to(tmp_path)
    assert (Path(__file__)).read_text(encoding="utf-8")
