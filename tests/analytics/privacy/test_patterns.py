"""Patterns of the operator's own: a file of regular expressions that is checked before anything runs."""

import re
from pathlib import Path

import pytest

from lambdascope_analytics.errors import PatternError, SlowPatternError
from lambdascope_analytics.privacy.mask import MASK
from lambdascope_analytics.privacy.patterns import OwnPattern, read_patterns


def file_of(directory: Path, text: str) -> Path:
    path = directory / "patterns.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_line_is_a_pattern_but_for_empty_ones_and_remarks(tmp_path: Path) -> None:
    """Commas, quotes and colons are part of patterns, so a list within a variable would not do."""
    path = file_of(tmp_path, '# staff\nEMP-[0-9]{4,6}\n\n   # more\n  (?i)case [a-z]+, "no\\." \\d+  \n')
    text = 'EMP-12345 in CASE abc, "no." 7'
    for pattern in read_patterns(path):
        text = pattern.mask(text)
    assert text == f"{MASK} in {MASK}"


def test_only_the_group_called_secret_is_masked_where_there_is_one(tmp_path: Path) -> None:
    (pattern,) = read_patterns(file_of(tmp_path, r"badge (?P<secret>\w+) of"))
    assert pattern.mask("badge X17 of ada, badge Y2 of bob") == f"badge {MASK} of ada, badge {MASK} of bob"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a(b", "no regular expression"),
        ("[z-a]", "no regular expression"),
        ("(?P<secret>a", "no regular expression"),
        ("x*", "empty text"),
        ("(?:)", "empty text"),
        ("^|b", "empty text"),
        (r"(?:a|a?)+\Z(?<=b)", "takes over"),
        (r"(?:[a-z0]+)+[^a-z0]\Z", "takes over"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, line: str, problem: str) -> None:
    path = file_of(tmp_path, f"fine\n{line}\n")
    with pytest.raises(PatternError, match=f"{re.escape(str(path))}, line 2: .*{problem}"):
        read_patterns(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PatternError, match="No such file"):
        read_patterns(tmp_path / "none.txt")
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(PatternError, match=r"bytes\.txt"):
        read_patterns(tmp_path / "bytes.txt")


def test_a_pattern_that_backtracks_without_end_is_stopped() -> None:
    """No probe at the start shows every slow pattern; without a limit this one would run for years."""
    pattern = OwnPattern("line 1", r"(?:q|qq|q\w)+!")
    with pytest.raises(SlowPatternError, match="line 1"):
        pattern.mask("q" * 5_000)
