"""Paging as properties."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_proxy.local.paging import page, page_size

KEYS = st.lists(st.tuples(st.text(max_size=5), st.integers(0, 99)), unique=True)


@settings(deadline=None)
@given(keys=KEYS, size=st.integers(1, 10))
def test_the_pages_hold_every_item_once_and_in_order(keys: list[tuple[str, int]], size: int) -> None:
    served: list[tuple[str, int]] = []
    marker = None
    while True:
        shown, marker = page(keys, lambda key: key, marker, size)
        served += shown
        assert len(shown) == size or marker is None
        if marker is None:
            break
    assert served == sorted(keys)


@settings(deadline=None)
@given(marker=st.one_of(st.text(min_size=1), st.binary(min_size=1).map(lambda raw: base64.b64encode(raw).decode())))
def test_any_marker_gives_a_page_or_a_value_error(marker: str) -> None:
    """Catches a marker that ends in another exception, which would be a 500."""
    try:
        page([("a", 1)], lambda key: key, marker, 1)
    except ValueError:
        return


@pytest.mark.parametrize(("asked", "size"), [(None, 50), ("7", 7), ("10000", 50)])
def test_a_page_is_never_larger_than_the_service_allows(asked: str | None, size: int) -> None:
    assert page_size(asked, 50) == size


@pytest.mark.parametrize("asked", ["0", "-1", "many"])
def test_a_page_of_nothing_is_refused(asked: str) -> None:
    with pytest.raises(ValueError, match=r"page|invalid"):
        page_size(asked, 50)
