"""Records are kept in order and within their bound."""

from lambdascope_proxy.local.activity import Activity, ConcurrencyRecord, EventRecord


def test_the_newest_records_are_kept_in_order() -> None:
    activity = Activity(2)
    for at_ms in range(3):
        activity.add_event(EventRecord(at_ms=at_ms, function_name="f", qualifier=None, step="received"))
        levels = dict.fromkeys(("of_account", "of_unreserved", "of_function", "of_qualifier"), 1)
        activity.add_concurrency(ConcurrencyRecord(at_ms=at_ms, function_name="f", qualifier=None, **levels))
    assert [each.at_ms for each in activity.events()] == [1, 2]
    assert [each.at_ms for each in activity.concurrency()] == [1, 2]
