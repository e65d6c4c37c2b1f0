from lambdascope_proxy.later import Later


def test_it_is_made_once_and_not_before_it_is_needed() -> None:
    made: list[str] = []
    later = Later(lambda: made.append("made") or object())
    assert later.made is None
    assert made == []
    first = later.get()
    assert later.get() is first
    assert later.made is first
    assert made == ["made"]
