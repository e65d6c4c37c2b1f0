"""What calls cost, by whatever they can be grouped by: totals, changes, and where money went that might be saved."""

from collections.abc import Sequence
from datetime import datetime

from lambdascope_analytics.analyses.cost_answer import CostAnswer, CostTrend, Looking, PreviousCost, PriceSource
from lambdascope_analytics.analyses.cost_cells import (
    NO_PRICE,
    Cell,
    calls_of,
    cost_of,
    gb_seconds,
    part_of,
    per_call,
)
from lambdascope_analytics.analyses.cost_groups import GroupCells, cost_group, group_cells
from lambdascope_analytics.analyses.cost_next import next_step_of
from lambdascope_analytics.analyses.cost_prices import other_changes, other_currencies, other_per_call
from lambdascope_analytics.analyses.cost_projection import project
from lambdascope_analytics.analyses.cost_question import CostFacts, CostQuestion, look
from lambdascope_analytics.analyses.cost_waste import waste_of
from lambdascope_analytics.analyses.cost_words import (
    Found,
    OtherServers,
    notes_of,
    summary_of,
    unknown_calls,
    unpriced_reasons,
)
from lambdascope_analytics.analyses.grouping import OF_TIME
from lambdascope_analytics.analyses.period import Period
from lambdascope_analytics.history import History
from lambdascope_analytics.pricing import RateTable, load_rates


def analyse_cost(
    history: History,
    *,
    start: datetime,
    end: datetime,
    now: datetime,
    group_by: str = "function",
    compare_previous: bool = True,
    top: int = 10,
    function_name: str | None = None,
) -> CostAnswer:
    """Return what calls of functions and of other MCP servers cost from `start` to `end` or `now`, by group.

    The dearest come first. Hours and days come in their order, and the `top` of them are the latest.

    Raises:
        QuestionError: a parameter makes no sense.
        HistoryError: the history cannot be read.
    """
    question = CostQuestion.of(
        Period(start=start, end=end).up_to(now),
        group_by=group_by,
        compare_previous=compare_previous,
        top=top,
        function_name=function_name,
    )
    rates = load_rates()
    return _answer(question, look(history, question, rates, now), rates, now)


def _answer(question: CostQuestion, facts: CostFacts, rates: RateTable, now: datetime) -> CostAnswer:
    cells, total = facts.now, cost_of(facts.now)
    groups = group_cells(facts.cells, question.group_by)
    # An hour or a day has no other self in the period before.
    is_compared = facts.has_whole_before(question) and question.group_by not in OF_TIME
    found = Found(
        now=now,
        period=question.period,
        group_by=question.group_by,
        function_name=question.function_name,
        calls=calls_of(cells),
        cost_usd=total,
        other_currencies=other_currencies(rates, cells),
        unpriced=unpriced_reasons(cells, rates),
        previous=_previous(question, facts, rates),
        waste=waste_of(cells, facts.retries, question.parts, rates),
        looking=Looking(calls=calls_of(facts.looking), cost_usd=cost_of(facts.looking)),
        other_servers=OtherServers.of(cells),
        groups=tuple(cost_group(each, rates, total, is_compared=is_compared) for each in groups),
        groups_left_out=_left_out(cells, groups),
        backfilled=sum(cell.backfilled for cell in cells),
        known_since=facts.known_since,
        later_calls=facts.later_calls,
        last_at=facts.last_at,
        known=facts.known,
    )
    return _put_together(question, facts, found, groups, rates)


def _put_together(
    question: CostQuestion, facts: CostFacts, found: Found, groups: Sequence[GroupCells], rates: RateTable
) -> CostAnswer:
    known_since = facts.known_since or question.period.end
    trend, cells = question.parts.trend, facts.now
    return CostAnswer(
        summary=summary_of(found),
        period=question.period,
        calls=found.calls,
        group_by=question.group_by,
        function_name=question.function_name,
        cost_usd=found.cost_usd,
        cost_per_call_usd=per_call(cells),
        billed_gb_s=gb_seconds(cells),
        other_currencies=found.other_currencies,
        other_per_call=other_per_call(rates, cells),
        unpriced_calls=sum(each.calls for each in found.unpriced),
        unpriced=found.unpriced,
        previous=found.previous,
        sources=_sources(cells),
        waste=found.waste,
        looking=found.looking,
        projection=project(
            found.cost_usd,
            found.other_currencies,
            question.period,
            calls=found.calls,
            unknown_calls=unknown_calls(found.unpriced),
            known_since=known_since,
            now=found.now,
        ),
        groups=found.groups,
        trend=trend(cells, rates, known_since=known_since),
        trends=_trends(question, groups, rates, known_since),
        not_listed={"groups": found.groups_left_out} if found.groups_left_out else {},
        notes=notes_of(found),
        next_step=next_step_of(found),
    )


def _left_out(cells: Sequence[Cell], groups: Sequence[GroupCells]) -> int:
    return max((cell.groups or 0 for cell in cells), default=0) - len(groups)


def _trends(
    question: CostQuestion, groups: Sequence[GroupCells], rates: RateTable, known_since: datetime
) -> tuple[CostTrend, ...]:
    # One hour or day is a part of the trend itself.
    if question.group_by in OF_TIME:
        return ()
    return tuple(question.parts.trend(each.cells, rates, group=each.group, known_since=known_since) for each in groups)


def _previous(question: CostQuestion, facts: CostFacts, rates: RateTable) -> PreviousCost | None:
    if not question.is_compared:
        return None
    cost, before = cost_of(facts.now), cost_of(facts.before)
    is_known = facts.has_whole_before(question)
    change = cost - before if is_known and cost is not None and before is not None else None
    return PreviousCost(
        period=question.period.previous(),
        calls=calls_of(facts.before),
        cost_usd=before,
        change_usd=change,
        change_share=part_of(change, before),
        other_changes=other_changes(rates, facts.now, facts.before) if is_known else {},
    )


def _sources(cells: Sequence[Cell]) -> tuple[PriceSource, ...]:
    calls, cost = calls_of(cells), cost_of(cells)
    named = sorted({cell.price_source or NO_PRICE for cell in cells})
    sources: list[PriceSource] = []
    for name in named:
        those = [cell for cell in cells if (cell.price_source or NO_PRICE) == name]
        amount = cost_of(those)
        sources.append(
            PriceSource(
                source=name,
                calls=calls_of(those),
                calls_share=calls_of(those) / calls,
                cost_usd=amount,
                cost_share=part_of(amount, cost),
            )
        )
    return tuple(sorted(sources, key=lambda each: -each.calls))
