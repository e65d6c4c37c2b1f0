"""One question put to every server: its first question by itself, then warm rounds, interleaved, and what was found."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench.errors import SUBJECT_FAILURES
from bench.monitor.askers import Asker
from bench.monitor.asking import ToolCall, Window, tool_list_bytes
from bench.monitor.aws_calls import asked_of_aws, times_ms
from bench.monitor.stage import MonitorStage, Observed
from bench.rounds import Rounds, Run, Sample, interleave, reason
from bench.stdio_session import StdioSession

WARM_ROUNDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question: the calls it takes with each server, and which of the wanted figures an answer lacks or has wrong."""

    title: str
    askers: tuple[Asker, ...]
    calls: Callable[[Asker, Window], list[ToolCall]]
    wanted: int
    lacks: Callable[[Mapping[str, Any]], Sequence[str]]
    slow: frozenset[Asker] = frozenset()  # asked one warm round only


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was measured: each server's first question, its warm rounds, and what its answers lack and why."""

    first: dict[str, Sample] = field(default_factory=dict[str, Sample])
    rounds: Rounds = field(default_factory=Rounds)
    lacking: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    failed_calls: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    def note(self, inquiry: Inquiry, asker: Asker, observed: Observed) -> Sample:
        """Return the figures of one answer, and keep what it lacks."""
        found, failures = observed.asked.read()
        lacking = inquiry.lacks(found)
        if lacking:
            self.lacking[asker.name] = lacking
        if failures:
            self.failed_calls[asker.name] = failures
        asked, aws = observed.asked, observed.aws
        return {
            **asked.weight(),
            **asked_of_aws(aws, asked.ended_s),
            **times_ms(aws, asked.began_s, asked.ended_s),
            "CPU ms": observed.cpu_s * 1000,
            "right": float(inquiry.wanted - len(lacking)),
        }


async def inquire(stage: MonitorStage, inquiry: Inquiry) -> Findings:
    """Ask everyone; a server that fails altogether loses its row."""
    findings = Findings()
    async with stage.sessions(inquiry.askers) as opened:
        findings.rounds.failures.update(opened.absent)
        runs = {
            asker: partial(_ask, stage, inquiry, findings, asker, session, itertools.count())
            for asker, session in opened.sessions.items()
        }
        for asker, run in runs.items():
            await _ask_first(findings, asker, opened.sessions[asker], run)
        for count, is_slow in ((1, True), (max(WARM_ROUNDS, stage.rounds), False)):
            chosen = {asker.name: run for asker, run in runs.items() if (asker in inquiry.slow) == is_slow}
            await _ask_warm(inquiry, findings, count, chosen)
    return findings


async def _ask(
    stage: MonitorStage,
    inquiry: Inquiry,
    findings: Findings,
    asker: Asker,
    session: StdioSession,
    numbers: Iterator[int],
) -> Sample:
    observed = await stage.observe(session, inquiry.calls(asker, stage.window(next(numbers))))
    return findings.note(inquiry, asker, observed)


async def _ask_first(findings: Findings, asker: Asker, session: StdioSession, run: Run) -> None:
    try:
        listed = {"tool list KB": await tool_list_bytes(session) / 1000}
        findings.first[asker.name] = {**await run(), **listed}
    except SUBJECT_FAILURES as error:
        findings.rounds.failures[asker.name] = reason(error)


async def _ask_warm(inquiry: Inquiry, findings: Findings, count: int, runs: Mapping[str, Run]) -> None:
    able = {name: run for name, run in runs.items() if name not in findings.rounds.failures}
    if able:
        warm = await interleave(inquiry.title, count, able)
        findings.rounds.samples.update(warm.samples)
        findings.rounds.failures.update(warm.failures)
