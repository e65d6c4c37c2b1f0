"""Small segments become a large one."""

from collections.abc import Sequence

from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.integrity import set_aside_foreign
from lambdascope_analytics.store.segments import Segment, scan


def merge_segments(compactor: Compactor, group: Sequence[Segment]) -> None:
    """Write the rows of these segments into one that takes their place (two where some rows have settled).

    Raises:
        duckdb.Error, OSError: it cannot be done now; the segments stay.
    """
    import duckdb

    files = [segment.file for segment in group]
    try:
        new, rows = compactor.write(scan(compactor.directory, files))
    except duckdb.Error:
        broken = set_aside_foreign(compactor.connection, compactor.directory, thoroughly=True)
        compactor.report.set_aside += broken
        if not broken:
            raise
        return
    (before,) = compactor.connection.execute(f"SELECT count(*) FROM {scan(compactor.directory, files)}").fetchall()[0]
    assert rows == before, "a merge keeps every row"
    compactor.publish(new, files)
    compactor.report.merged += len(files)
