"""Results of other servers, cut to a size."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.cut_result import cut


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


PICTURE = {"type": "image", "data": "A" * 20, "mimeType": "image/png"}


def test_what_fits_is_left_alone() -> None:
    assert cut({"content": [text("é" * 5)]}, 10) is None
    assert cut({"content": []}, 1) is None
    assert cut({"content": "nonsense"}, 1) is None


def test_text_is_cut_between_characters_and_pictures_stay_where_they_are() -> None:
    too_long = cut({"content": [PICTURE, text("é" * 100), text("more"), PICTURE]}, 151)
    assert too_long is not None
    assert too_long.text == "é" * 100 + "\nmore"
    assert too_long.content == [PICTURE, text("é" * 75), PICTURE]
    assert too_long.shown == 75


def test_structured_content_is_never_cut() -> None:
    # A client checks it against the tool's output schema, and may have no other use for the result.
    wire = {"content": [text("x" * 50)], "structuredContent": {"rows": ["x" * 50]}}
    too_long = cut(wire, 60)
    assert too_long is not None
    assert (too_long.content, too_long.text) == (None, "x" * 50)
    without_text = cut({"content": [], "structuredContent": {"rows": ["x" * 50]}}, 20)
    assert without_text is not None
    assert without_text.text == '{"rows": ["' + "x" * 50 + '"]}'


def test_the_text_of_a_failure_is_cut_its_structured_part_left_out() -> None:
    # No schema holds for a result that says it failed; turned into another failure it would lose its cause.
    too_long = cut({"isError": True, "content": [text("x" * 50)], "structuredContent": {"a": "b" * 50}}, 20)
    assert too_long is not None
    assert too_long.content == [text("x" * 20)]


def test_pictures_that_are_too_large_leave_nothing_to_cut() -> None:
    too_long = cut({"content": [PICTURE, text("short")]}, 30)
    assert too_long is not None
    assert (too_long.content, too_long.text) == (None, "short")


Blocks = st.lists(st.one_of(st.builds(text, st.text(max_size=30)), st.just(PICTURE)), max_size=5)


@given(content=Blocks, most_bytes=st.integers(1, 120))
def test_what_is_shown_and_what_can_be_read_on_are_the_whole(content: list[Any], most_bytes: int) -> None:
    too_long = cut({"content": content}, most_bytes)
    if too_long is None or too_long.content is None:
        return
    whole = "\n".join(block["text"] for block in content if "text" in block)
    shown = "".join(block["text"] for block in too_long.content if "text" in block)
    assert too_long.text == whole
    assert whole.startswith(shown)
    assert len(shown) == too_long.shown
    assert len(shown.encode()) <= most_bytes
    assert [block for block in too_long.content if block is PICTURE] == [block for block in content if block is PICTURE]
