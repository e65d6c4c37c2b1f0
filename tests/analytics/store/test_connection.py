from pathlib import Path

from lambdascope_analytics.store.connection import connect


def test_it_is_bounded_silent_offline_and_in_utc_and_spills_into_the_history(directory: Path) -> None:
    """Would catch one that fills memory, asks the network, or writes a progress bar into MCP's stream."""
    with connect(directory, memory_limit="100MB") as connection:
        found = connection.execute(
            "SELECT current_setting('threads'), current_setting('memory_limit'), current_setting('temp_directory'), "
            "current_setting('enable_progress_bar'), current_setting('autoinstall_known_extensions'), "
            "current_setting('autoload_known_extensions'), current_setting('TimeZone')"
        ).fetchall()
        assert found == [(2, "95.3 MiB", str(directory / "work" / "spill"), False, False, False, "UTC")]
        (rows,) = connection.execute(
            "SELECT count(*) FROM (SELECT random() AS a, repeat('x', 200) AS b FROM range(1000000) ORDER BY a)"
        ).fetchall()
    assert rows == (1_000_000,)
    assert (directory / "work").stat().st_mode & 0o777 == 0o700
