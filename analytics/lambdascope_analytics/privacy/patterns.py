"""Patterns of the operator's own: read from a file, checked, and run in bounded time.

The `regex` package runs them, because `re` can neither be stopped nor leaves the interpreter to others meanwhile.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from lambdascope_analytics.errors import PatternError, SlowPatternError
from lambdascope_analytics.privacy.mask import MASK

if TYPE_CHECKING:
    import regex

LONGEST_RUN_S: Final = 0.1
_MASKED_GROUP: Final = "secret"
_PROBE_CHARS: Final = 20_000
# Texts on which patterns that backtrack without end show it.
_PROBES: Final = ("a", "0", " ", "ab1-", "a, ", "a@a.")


class OwnPattern:
    """One regular expression; what it matches is masked, or only its group `secret` if it has one."""

    def __init__(self, place: str, expression: str) -> None:
        """Raises: PatternError that names `place`, where the expression does not compile or cannot be used."""
        import regex

        self.place: Final = place
        try:
            self._pattern = regex.compile(expression)
        except regex.error as error:
            raise PatternError(place, f"{expression!r} is no regular expression: {error}") from error
        self._check()

    def mask(self, text: str) -> str:
        """Mask what matches. Raises: SlowPatternError when it takes too long."""
        try:
            # Others run meanwhile: a text may be long and the pattern slow.
            return self._pattern.sub(self._replacement, text, timeout=LONGEST_RUN_S, concurrent=True)
        except TimeoutError as error:
            raise SlowPatternError(self.place) from error

    def _replacement(self, found: "regex.Match[str]") -> str:
        start, end = found.span(_MASKED_GROUP) if _MASKED_GROUP in self._pattern.groupindex else found.span()
        if start == end:
            return found[0]
        return found[0][: start - found.start()] + MASK + found[0][end - found.start() :]

    def _check(self) -> None:
        if self._pattern.search(""):
            raise PatternError(self.place, "matches the empty text, so it would match everywhere")
        try:
            for piece in _PROBES:
                self.mask((piece * _PROBE_CHARS)[:_PROBE_CHARS] + "\n!")
        except SlowPatternError:
            problem = f"takes over {LONGEST_RUN_S} s on a text of {_PROBE_CHARS} characters; simplify its repetitions"
            raise PatternError(self.place, problem) from None


def read_patterns(path: Path) -> tuple[OwnPattern, ...]:
    """Read a file of regular expressions, one a line; empty lines and those that begin with `#` are left out.

    Raises:
        PatternError: the file cannot be read, or a line of it is not usable; it names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PatternError(str(path), str(error)) from error
    return tuple(
        OwnPattern(f"{path}, line {number}", line.strip())
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    )
