"""Names of span attributes: each once, and each of a column that exists."""

import re

from lambdascope_analytics.store.row import COLUMN_NAMES
from lambdascope_proxy import names

CONSTANTS = {key: value for key, value in vars(names).items() if key.isupper() and isinstance(value, str)}


def test_every_attribute_of_a_call_comes_from_a_column_of_the_history() -> None:
    assert set(names.INVOCATION_ATTRIBUTES) <= set(COLUMN_NAMES)


def test_no_two_facts_share_an_attribute() -> None:
    attributes = list(names.INVOCATION_ATTRIBUTES.values())
    assert len(set(attributes)) == len(attributes)
    assert len(set(CONSTANTS.values())) == len(CONSTANTS)


def test_names_have_the_form_of_the_conventions() -> None:
    for name in (*CONSTANTS.values(), *names.INVOCATION_ATTRIBUTES.values()):
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", name), name


def test_what_identifies_people_or_holds_free_text_is_on_no_span() -> None:
    assert not {"principal", "session_id", "error_message", "client_name"} & set(names.INVOCATION_ATTRIBUTES)
