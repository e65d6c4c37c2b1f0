import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.access.api_keys import holder_of, line_of, new_key, read_keys


def test_a_key_says_what_it_is_and_no_two_are_alike() -> None:
    keys = {new_key() for _ in range(50)}
    assert len(keys) == 50
    # 43 characters of base64 are 256 bits.
    assert all(re.fullmatch(r"lsk_[A-Za-z0-9_-]{43}", key) for key in keys)


def test_the_file_holds_hashes_by_which_keys_are_recognised_and_no_key() -> None:
    first, second = new_key(), new_key()
    text = f"# keys of the team\n\n{line_of('ops', first)}\n  {line_of('ci', second)}  # the build\n"
    assert first not in text
    entries = read_keys(text)
    assert (holder_of(first, entries), holder_of(second, entries)) == ("ops", "ci")
    assert holder_of(new_key(), entries) is None
    assert holder_of("", entries) is None


def test_a_name_with_two_lines_has_two_keys_while_one_is_exchanged_for_the_other() -> None:
    old, new = new_key(), new_key()
    entries = read_keys(f"{line_of('ops', old)}\n{line_of('ops', new)}\n")
    assert holder_of(old, entries) == holder_of(new, entries) == "ops"


@pytest.mark.parametrize("name", ["", "-a", "a b", "a\nb", "a#", "x" * 65, "ä"])
def test_a_name_that_a_line_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a key"):
        line_of(name, new_key())


@pytest.mark.parametrize("bad", ["ops", "ops {key}", "ops sha256:12", "ops sha512:" + "0" * 64, "{key}"])
def test_a_line_that_cannot_be_read_is_named_by_its_number_and_never_quoted(bad: str) -> None:
    # Somebody will paste the key itself.
    key = new_key()
    with pytest.raises(ValueError, match="line 2") as refused:
        read_keys(f"{line_of('ci', key)}\n{bad.format(key=key)}\n")
    assert key not in str(refused.value)


def test_what_is_far_too_long_is_not_even_hashed() -> None:
    long = "lsk_" + "a" * 1000
    assert holder_of(long, read_keys(line_of("ops", long))) is None


@given(st.text(max_size=140))
def test_no_text_but_the_key_is_recognised(text: str) -> None:
    assert holder_of(text, read_keys(f"{line_of('ops', 'lsk_right')}\n")) == ("ops" if text == "lsk_right" else None)
