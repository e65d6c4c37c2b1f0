"""How many bytes the answer to a request had, which only the transport sees."""


class Sizes:
    """Asked for before the request is sent, noted when its answer came; nothing else is kept."""

    def __init__(self) -> None:
        self._by_id: dict[str | int, int] = {}

    def expect(self, request_id: str | int) -> None:
        """From now on the answer to this request is of interest."""
        self._by_id[request_id] = 0

    def note(self, request_id: object, size: int) -> None:
        """A message of this size with this id came."""
        if isinstance(request_id, str | int) and request_id in self._by_id:
            self._by_id[request_id] = size

    def take(self, request_id: str | int) -> int | None:
        """The size, None if no answer came; forgotten with this."""
        return self._by_id.pop(request_id, 0) or None
