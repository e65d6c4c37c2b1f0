"""Pages of a list that may change between two of them: a marker names the last key served."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Key = tuple[str, int]


def page(
    items: Sequence[Item], key: Callable[[Item], Key], marker: str | None, size: int
) -> tuple[list[Item], str | None]:
    """The next page and the marker after it, None at the end. Raises: ValueError, for a marker we did not give."""
    after = _decode(marker) if marker else None
    left = [item for item in sorted(items, key=key) if after is None or key(item) > after]
    shown = left[:size]
    return shown, _encode(key(shown[-1])) if len(left) > size else None


def page_size(asked: str | None, largest: int) -> int:
    """The size of a page. Raises: ValueError, if what was asked is not a positive number."""
    size = int(asked) if asked is not None else largest
    if size < 1:
        raise ValueError(f"a page of {size}")
    return min(size, largest)


def _encode(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _decode(marker: str) -> Key:
    try:
        name, number = json.loads(base64.urlsafe_b64decode(marker))
        return str(name), int(number)
    except TypeError:
        raise ValueError("not a marker") from None
