from lambdascope_analytics.store.rollup_files import rollup_of, segment_of


def test_a_rollup_is_named_after_its_segment_and_tells_it() -> None:
    segment = "segments/date=2026-11-22/host-1-0a-0-settled.parquet"
    assert rollup_of(segment) == "rollups/3/date=2026-11-22/host-1-0a-0-settled.parquet"
    assert segment_of(rollup_of(segment)) == segment
