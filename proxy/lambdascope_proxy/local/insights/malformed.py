"""The refusal of a query: what is wrong with it, and where."""


class MalformedQuery(Exception):
    """A query that is not Logs Insights QL, or asks for what this evaluator does not play; offsets are characters."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
