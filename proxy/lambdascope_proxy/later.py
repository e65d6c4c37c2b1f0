"""Something that is made when it is first needed, because making it takes time that the start should not take."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Later(Generic[T]):
    """Made once, by whoever asks first; for use within one thread."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []

    @property
    def made(self) -> T | None:
        """It, if it was needed so far."""
        return self._made[0] if self._made else None

    def get(self) -> T:
        """It, made now if need be."""
        if not self._made:
            self._made.append(self._make())
        return self._made[0]
