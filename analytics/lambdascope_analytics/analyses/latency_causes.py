"""What the slowest calls have in common, beside all calls. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma
from typing import Any, Final

from lambdascope_analytics.analyses.latency_answer import Cause
from lambdascope_analytics.analyses.wording import percent

MOST_CAUSES: Final = 5
SIGNIFICANT: Final = 0.05
# What is hardly more frequent, or explains hardly any of the slowest calls, is no cause worth a sentence.
LEAST_LIFT: Final = 1.25
LEAST_SHARE: Final = 0.1
SIZES: Final = ("under 10 kB", "10 to 100 kB", "100 kB to 1 MB", "1 MB or more")
_NEGLIGIBLE: Final = 1e-17

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A feature that `calls` of all and `slow_calls` of the slowest have; `words` say it of those calls."""

    feature: str
    value: str
    words: str
    calls: int
    slow_calls: int


def causes(candidates: Sequence[Candidate], *, calls: int, slow_calls: int, looked_at: int) -> tuple[Cause, ...]:
    """Return what is significantly more frequent among the slowest calls, what explains most of them first.

    The test is Fisher's exact one, one-sided (the hypergeometric distribution), with Bonferroni's correction for the
    number of features that were looked at.
    """
    found = [_cause(each, calls, slow_calls, looked_at) for each in candidates if each.slow_calls]
    kept = [each for each in found if each.p <= SIGNIFICANT and each.lift >= LEAST_LIFT]
    kept = [each for each in kept if each.share_of_slowest >= LEAST_SHARE]
    kept.sort(key=lambda each: (each.share_of_all - each.share_of_slowest, each.feature, each.value))
    return tuple(kept[:MOST_CAUSES])


def _cause(each: Candidate, calls: int, slow_calls: int, looked_at: int) -> Cause:
    slow, usual = each.slow_calls / slow_calls, each.calls / calls
    p = at_least(each.slow_calls, drawn=slow_calls, marked=each.calls, of=calls)
    return Cause(
        feature=each.feature,
        value=each.value,
        text=f"{percent(slow)} of the slowest 1% ({each.slow_calls:,} of {slow_calls:,}) {each.words}, "
        f"{percent(usual)} of all calls",
        share_of_slowest=slow,
        share_of_all=usual,
        lift=slow / usual,
        p=min(1.0, p * looked_at),
    )


def at_least(found: int, *, drawn: int, marked: int, of: int) -> float:
    """Return how probable it is that `drawn` of `of` things, of which some are `marked`, hold so many marked or more.

    Hypergeometric; N. L. Johnson, A. W. Kemp and S. Kotz, Univariate Discrete Distributions, 3rd ed. (2005), ch. 6.
    """
    if found <= max(0, drawn + marked - of):
        return 1.0
    mean = drawn * marked / of
    if found <= mean:
        return 1.0 - _sum(found - 1, drawn, marked, of, down=True)
    return _sum(found, drawn, marked, of, down=False)


def _sum(start: int, drawn: int, marked: int, of: int, *, down: bool) -> float:
    """The probability of `start` and of what lies further from the mean; each term follows from the one before."""
    term = exp(_log_choose(marked, start) + _log_choose(of - marked, drawn - start) - _log_choose(of, drawn))
    total, k = 0.0, start
    while term > _NEGLIGIBLE * total and term > 0:
        total += term
        if down:
            term *= k * (of - marked - drawn + k) / ((marked - k + 1) * (drawn - k + 1))
            k -= 1
        else:
            term *= (marked - k) * (drawn - k) / ((k + 1) * (of - marked - drawn + k + 1))
            k += 1
    return min(1.0, total)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def candidates_of(rows: Iterable[Row]) -> list[Candidate]:
    """Return the features that the rows of `latency/tail.sql` tell of, without hours: those know no calls of all."""
    known = list(rows)
    versions: dict[str, int] = {}
    for row in known:
        if row["executed_version"]:
            versions[row["versioned_function"]] = versions.get(row["versioned_function"], 0) + 1
    return [candidate for row in known for candidate in _of_row(row, versions)]


def _of_row(row: Row, versions: Mapping[str, int]) -> Iterator[Candidate]:
    if row["function_name"]:
        yield _candidate("function", row["function_name"], f"called {row['function_name']}", row)
    # Where there is one version, it says no more than the function.
    if row["executed_version"] and versions[row["versioned_function"]] > 1:
        name = f"{row['versioned_function']}:{row['executed_version']}"
        yield _candidate("version", name, f"ran {name}", row)
    if row["client_name"]:
        yield _candidate("client", row["client_name"], f"came from {row['client_name']}", row)
    if row["outcome"]:
        yield _candidate("outcome", row["outcome"], f"ended as {row['outcome']}", row)
    if row["cold_start"]:
        yield _candidate("cold_start", "cold", "were cold starts", row)
    if row["is_retried"]:
        yield _candidate("attempts", "retried", "were sent more than once", row)
    if row["is_near_limit"]:
        yield _candidate("memory", "near its limit", "used at least 90% of their memory", row)
    size_class: int | None = row["size_class"]
    if size_class is not None:
        size = SIZES[size_class]
        yield _candidate("payload_size", size, f"carried {size}", row)


def _candidate(feature: str, value: str, words: str, row: Row) -> Candidate:
    return Candidate(feature=feature, value=value, words=words, calls=row["calls"], slow_calls=row["slow_calls"])
