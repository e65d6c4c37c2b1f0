"""Filter patterns of FilterLogEvents: words, "phrases", -words that must be absent and ?words of which one must occur.

Patterns for JSON, for columns, and regular expressions are refused. Where ?words stand beside others, CloudWatch
ignores them; such a pattern is refused here, because it is hardly what was meant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lambdascope_proxy.local.errors import AwsError

_TERM = re.compile(r'\s*(?P<sign>[-?]?)(?:"(?P<phrase>(?:[^"\\]|\\["\\])*)"|(?P<word>[\w@./$]+))(?=\s|$)', re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterPattern:
    """What a message must hold: all of some texts, any of others, none of yet others; case matters."""

    every: Sequence[str] = ()
    some: Sequence[str] = ()
    none: Sequence[str] = ()

    def matches(self, message: str) -> bool:
        """Whether the message is one of those looked for."""
        return (
            all(text in message for text in self.every)
            and not any(text in message for text in self.none)
            and (not self.some or any(text in message for text in self.some))
        )


def read_pattern(pattern: str) -> FilterPattern:
    """Read a pattern. Raises: AwsError, for one that is not made of terms."""
    terms: dict[str, list[str]] = {"": [], "-": [], "?": []}
    rest = pattern.rstrip()
    at = 0
    while at < len(rest):
        match = _TERM.match(rest, at)
        if not match:
            raise AwsError("InvalidParameterException", f"Invalid filter pattern: {pattern!r} from character {at} on")
        phrase = match["phrase"]
        terms[match["sign"]].append(match["word"] if phrase is None else re.sub(r"\\(.)", r"\1", phrase))
        at = match.end()
    if terms["?"] and (terms[""] or terms["-"]):
        raise AwsError("InvalidParameterException", f"Invalid filter pattern: ?terms beside others in {pattern!r}")
    return FilterPattern(every=terms[""], some=terms["?"], none=terms["-"])
