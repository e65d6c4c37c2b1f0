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
    source = scan(compactor.directory, files)
    try:
        new, rows = compactor.write(source)
    except duckdb.OutOfMemoryException:
        _leave_some_out(compactor, group)
        return
    except duckdb.Error:
        broken = set_aside_foreign(compactor.connection, compactor.directory, thoroughly=True)
        compactor.report.set_aside += broken
        if not broken:
            raise
        return
    compactor.check_whole(source, rows)
    compactor.publish(new, files)
    compactor.report.merged += len(files)


def _leave_some_out(compactor: Compactor, group: Sequence[Segment]) -> None:
    """Rows can be much larger in memory than on the disk: then fewer are merged, and large ones stay as they are."""
    by_size = sorted(group, key=lambda segment: segment.size)
    compactor.unmergeable.update(segment.file for segment in by_size[len(by_size) // 2 :])
