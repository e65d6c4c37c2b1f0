"""Asking a server one question: the tool calls it takes, all made at once, and what came back."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bench.errors import WrongAnswerError
from bench.load import Channel, fresh_numbers
from bench.messages import LEGACY, question
from bench.rounds import reason

PATIENCE_S = 300.0  # two hundred calls of a server that takes them one by one
BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `start` up to and without `end`, in UTC."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        """The length."""
        return round((self.end - self.start).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a tool gave back: its text, which models read, and the whole result, of which clients may show more."""

    text: str
    result: Mapping[str, Any]

    @property
    def is_error(self) -> bool:
        """Whether the tool says that it failed."""
        return self.result.get("isError") is True

    def data(self) -> dict[str, Any]:
        """The text as an object.

        Raises:
            WrongAnswerError: it is none, or says that the tool failed.
        """
        try:
            value = None if self.is_error else json.loads(self.text)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise WrongAnswerError(self.text[:200] or "an empty answer")
        return cast("dict[str, Any]", value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """One call a model would have to write, and how the figures are read out of its answer."""

    tool: str
    arguments: Mapping[str, Any]
    read: Callable[[Answer], Mapping[str, Any]]

    @property
    def written_bytes(self) -> int:
        """What the model writes of it."""
        return len(self.tool) + len(_compact(self.arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that was answered; times are of the monotonic clock."""

    calls: tuple[ToolCall, ...]
    answers: tuple[Answer, ...]
    began_s: float
    ended_s: float

    def weight(self) -> dict[str, float]:
        """Return what the model writes and reads: the text alone, or all that comes, with structured content."""
        everything = sum(len(_compact(answer.result)) for answer in self.answers)
        return {
            "tool calls": float(len(self.calls)),
            "B written": float(sum(call.written_bytes for call in self.calls)),
            "B text": float(sum(len(answer.text.encode()) for answer in self.answers)),
            "B all": float(everything),
            "tokens": everything / BYTES_PER_TOKEN,
        }

    def read(self) -> tuple[dict[str, Any], list[str]]:
        """Return the figures of all answers, and why an answer has none."""
        found: dict[str, Any] = {}
        failures: list[str] = []
        for call, answer in zip(self.calls, self.answers, strict=True):
            try:
                found |= call.read(answer)
            except (WrongAnswerError, LookupError, ValueError, TypeError) as error:
                failures.append(f"{call.tool}: {reason(error)}"[:300])
        return found, failures


async def ask(channel: Channel, calls: Sequence[ToolCall]) -> Asked:
    """Make every call at once and wait for all answers.

    Raises:
        WrongAnswerError: an answer is an error of the protocol; a tool's own error is an answer.
    """
    questions = [
        question(number, "tools/call", {"name": call.tool, "arguments": call.arguments}, revision=LEGACY)
        for number, call in zip(fresh_numbers(len(calls)), calls, strict=True)
    ]
    began_s = time.monotonic()
    async with asyncio.timeout(PATIENCE_S):
        lines = await asyncio.gather(*(channel.exchange(asked) for asked in questions))
    ended_s = time.monotonic()
    return Asked(calls=tuple(calls), answers=tuple(_answer(line) for line in lines), began_s=began_s, ended_s=ended_s)


async def tool_list_bytes(channel: Channel) -> int:
    """Return the size of the tool list, which a model reads before it can ask anything."""
    asked = question(fresh_numbers(1)[0], "tools/list", {}, revision=LEGACY)
    async with asyncio.timeout(PATIENCE_S):
        return len(_compact(asked.check(await channel.exchange(asked))))


def _answer(line: bytes) -> Answer:
    result = json.loads(line).get("result")
    if not isinstance(result, dict):
        raise WrongAnswerError(line[:300].decode(errors="replace"))
    known = cast("dict[str, Any]", result)
    return Answer(text="\n".join(block.get("text", "") for block in known.get("content", [])), result=known)


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
