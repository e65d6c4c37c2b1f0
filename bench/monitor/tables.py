"""The findings of one inquiry as three sections: what a model writes and reads, what AWS is asked, and the time."""

from collections.abc import Mapping, Sequence

from bench.figures import Row, Section, Target
from bench.monitor.askers import OWN
from bench.monitor.inquiry import Findings, Inquiry

WEIGHT = ("tool calls", "B written", "B text", "B all", "tokens", "right")
AWS = (
    "GetMetricData",
    "metrics",
    "StartQuery",
    "GetQueryResults",
    "other calls",
    "refused",
    "at once",
    "scanned KB",
    "AWS KB",
    "$/1000",
)
MEDIANS = {"wall": "p50 ms", "AWS": "AWS ms", "polling": "polling ms", "own": "own ms", "CPU ms": "CPU ms"}
WORST = {"wall": "worst ms", "own": "own worst ms"}
SHOWN = 6
Targets = Mapping[str, Sequence[Target]]


def sections_of(inquiry: Inquiry, findings: Findings, targets: Targets, remarks: Sequence[str]) -> list[Section]:
    """Return the sections; `targets` are ours, by section: weight, AWS, time."""
    said = tuple(line for asker in inquiry.askers for line in _said(findings, asker.name))
    titles = {
        "weight": f"{inquiry.title}: what a model writes and reads; right figures of {inquiry.wanted}",
        "AWS": f"{inquiry.title}: what AWS is asked, $ per 1,000 questions",
        "time": f"{inquiry.title}: the time until the last answer",
    }
    notes = {"weight": (*said, *remarks), "AWS": (), "time": ()}
    return [
        Section(
            title=title,
            rows=tuple(_row(findings, asker.name, part, targets) for asker in inquiry.askers),
            remarks=notes[part],
        )
        for part, title in titles.items()
    ]


def _row(findings: Findings, name: str, part: str, targets: Targets) -> Row:
    figures = _FIGURES[part](findings, name) if name in findings.rounds.samples else {}
    also = tuple(targets.get(part, ())) if name == OWN.name else ()
    return Row(subject=name, figures=figures, also=also, remark=findings.rounds.failures.get(name, ""))


def _weight(findings: Findings, name: str) -> dict[str, float]:
    medians = findings.rounds.medians(name)
    return {
        "tool list KB": findings.first[name]["tool list KB"],
        **{column: medians[column] for column in WEIGHT if column != "right"},
        "right": min(sample["right"] for sample in findings.rounds.samples[name]),
    }


def _aws(findings: Findings, name: str) -> dict[str, float]:
    medians = findings.rounds.medians(name)
    return {column: medians[column] for column in AWS}


def _time(findings: Findings, name: str) -> dict[str, float]:
    samples, medians = findings.rounds.samples[name], findings.rounds.medians(name)
    return {
        "first ms": findings.first[name]["wall"],
        **{column: medians[figure] for figure, column in MEDIANS.items()},
        **{column: max(sample[figure] for sample in samples) for figure, column in WORST.items()},
        "rounds": float(len(samples)),
    }


_FIGURES = {"weight": _weight, "AWS": _aws, "time": _time}


def _said(findings: Findings, name: str) -> list[str]:
    lacking = findings.lacking.get(name, ())
    more = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
    without = [f"{name} lacks or has wrong: {', '.join(lacking[:SHOWN])}{more}"] if lacking else []
    return [*without, *(f"{name}: {failure}" for failure in findings.failed_calls.get(name, ()))]
