"""What to know besides the advice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.analyses.sizing_answer import Recommendation
from lambdascope_analytics.analyses.sizing_evidence import Evidence, Size
from lambdascope_analytics.analyses.sizing_notes import notes_of

Make = Callable[..., Size]
Gather = Callable[..., Evidence]


def test_the_scale_to_a_month_and_the_rates_are_always_told(size_of: Make, evidence_of: Gather) -> None:
    first, *_, last = notes_of(evidence_of(size_of(), days=15))
    assert first.startswith("A month is 30 days: figures of the range times 2, at list prices of 2")
    assert last == "Calls that are not in this history are in no figure."
    assert len(notes_of(evidence_of(size_of()))) == 2


def test_what_makes_figures_doubtful_is_counted(size_of: Make, evidence_of: Gather) -> None:
    size = size_of(unpriced_calls=3, with_billed_ms=1_990, skewed_calls=2, from_logs=5)
    told = " ".join(notes_of(evidence_of(size)))
    for words in (
        "3 executions have no cost",
        "10 executions have no billed",
        "2 calls have times",
        "5 executions were",
    ):
        assert words in told


def test_a_range_of_which_most_had_no_calls_yet_is_told(size_of: Make, evidence_of: Gather) -> None:
    late = size_of()
    evidence = evidence_of(replace(late, first_at=late.last_at - timedelta(days=1)))
    assert "its first execution came 29 days after the range began" in notes_of(evidence)[0]


def test_what_rests_on_fewer_days_says_so(size_of: Make, evidence_of: Gather) -> None:
    evidence = evidence_of(size_of())
    newest = Period(start=evidence.period.end - timedelta(days=3), end=evidence.period.end)
    assert "of the newest 3 days" in " ".join(notes_of(replace(evidence, ordered=newest)))


def test_what_ran_at_other_sizes_is_told_and_that_nothing_of_it_is_saved(size_of: Make, evidence_of: Gather) -> None:
    others = [size_of(memory_mb=memory, executions=memory) for memory in (128, 256, 1024, 2048)]
    assert notes_of(evidence_of(size_of(), *others))[1] == (
        "Advice and savings are for 512 MB x86_64 (2,000 executions); 2,048 at 2048 MB x86_64, 1,024 at 1024 "
        "MB x86_64, 256 at 256 MB x86_64 and 1 more sizes ran besides, of which nothing is saved."
    )


def test_where_several_changes_save_it_is_told_that_they_do_not_add_up(size_of: Make, evidence_of: Gather) -> None:
    saves = Recommendation(
        setting="memory",
        is_change=True,
        purpose="less cost",
        current="a",
        suggested="b",
        why="c",
        saves_usd_month=Decimal(1),
        confidence="high",
    )
    alone, several = (notes_of(evidence_of(size_of()), [saves] * count)[0] for count in (1, 2))
    assert ("add up" in alone, "so they do not add up" in several) == (False, True)
