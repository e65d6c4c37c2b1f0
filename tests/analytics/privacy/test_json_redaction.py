"""Secrets in JSON: members by their name, texts by their look; what is left is JSON, and the rest as it was."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lambdascope_analytics.privacy.json_redaction import redact_json
from lambdascope_analytics.privacy.json_tokens import NotJsonError
from lambdascope_analytics.privacy.mask import MASK
from lambdascope_analytics.privacy.scrubber import Scrubber

SCRUBBER = Scrubber()
CARD = 4111111111111111
MARKER = "hunter2hunter2"


def redacted(value: object, **options: Any) -> Any:
    return json.loads(redact_json(json.dumps(value, **options), SCRUBBER))


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWORD", "userPassword", "db.passwd", "pwd", "pass", "DB_PASS", "passphrase"),
        *("token", "access_token", "refreshToken", "api_key", "apiKey", "x-api-key", "secret", "clientSecret"),
        *("Authorization", "auth", "Set-Cookie", "credentials", "privateKey", "session_id", "signature", "jwt"),
        *("cardNumber", "card_number", "card_no", "cvv", "CVC", "otp", "pin", "pinCode", "ssn", "social_security_no"),
        *("connectionString", "tokens"),
    ],
)
@pytest.mark.parametrize("value", ["x", {"a": [MARKER]}, [[MARKER], {"b": 1}]], ids=["text", "object", "array"])
def test_a_member_whose_name_says_secret_is_masked_with_all_that_is_in_it(name: str, value: object) -> None:
    assert redacted({"n": 1, "inner": [{name: value, "after": 2}]}) == {"n": 1, "inner": [{name: MASK, "after": 2}]}


@pytest.mark.parametrize("value", [1234, 0.5, True, None])
def test_the_type_of_a_secret_does_not_matter(value: object) -> None:
    assert redacted({"password": value, "pin": value, "n": value}) == {"password": MASK, "pin": MASK, "n": value}


@pytest.mark.parametrize(
    "name",
    [
        *("max_tokens", "tokens", "tokenizer", "author", "shipping", "spinning", "laptop", "key", "keys", "card"),
        *("passenger", "compass", "passed", "design", "cards", "spin", "name", "authority"),
    ],
)
def test_a_name_that_only_sounds_like_it_keeps_its_number(name: str) -> None:
    assert redacted({name: 4096}) == {name: 4096}


def test_secrets_are_found_in_texts_names_and_numbers() -> None:
    found = redacted({"a": "mail bob@example.com", "bob@example.com": [CARD, f"{CARD}", 12], "url": "https://u:p@h/x"})
    assert found == {"a": f"mail {MASK}", MASK: [MASK, MASK, 12], "url": f"https://{MASK}@h/x"}


@pytest.mark.parametrize(
    "secret", ["bob@example.com", "AKIAIOSFODNN7EXAMPLE", "postgres://u:hunter2@db/x", "password=hunter2", f"{CARD}"]
)
@pytest.mark.parametrize("before", ["\n", "\t", '"', "\\", "é ", "/", "\u2028", "line one\nline two\n"])
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_an_escape_before_a_secret_does_not_hide_it(before: str, secret: str, ensure_ascii: bool) -> None:
    """In the text of the JSON the secret follows an `n` or a `t`; masked there, the JSON would be broken as well."""
    text = json.dumps({"log": f"{before}{secret} {before}"}, ensure_ascii=ensure_ascii).replace("/", "\\/")
    shown = redact_json(text, SCRUBBER)
    left = json.loads(shown)["log"]
    assert MASK in left
    assert left.startswith(before)
    assert [part for part in ("bob", "AKIA", "hunter2", "4111") if part in left] == []


@pytest.mark.parametrize("levels", [1, 2, 3, 4, 5, 6])
def test_json_as_text_within_json_is_redacted_and_stays_json(levels: int) -> None:
    document: Any = {"user": "bob", "pin": 1234, "password": {"old": MARKER}, "n": 1}
    wrapped = document
    for _ in range(levels):
        wrapped = {"body": json.dumps(wrapped)}
    shown = redact_json(json.dumps(wrapped), SCRUBBER)
    assert MARKER not in shown
    left: Any = json.loads(shown)
    if levels <= 4:  # what lies deeper is masked as a whole
        for _ in range(levels):
            left = json.loads(left["body"])
        assert left == {"user": "bob", "pin": MASK, "password": MASK, "n": 1}


@pytest.mark.parametrize(
    "text",
    [
        '{"a" : 1.10, "b":[ ],\n "c": 1E400, "d": 123456789012345678901234567890, "a": "\\u00e9\\/"}',
        "null",
        '"text"',
        " [1, 2] ",
        '{"order_id": 1001, "at": "2026-11-22T10:00:00Z", "sku": "AB-12"}',
    ],
)
def test_json_without_secrets_is_not_touched_to_the_letter(text: str) -> None:
    assert redact_json(text, SCRUBBER) == text
    with_one = f'{{"password": "x", "v": {text}}}'
    assert redact_json(with_one, SCRUBBER) == f'{{"password": "{MASK}", "v": {text}}}'


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text('ab "\\\n/é\ud800,:{}[]1@.', max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('abc"\\ \n', max_size=4), inner, max_size=4),
    max_leaves=20,
)
secret_names = st.sampled_from(["password", "apiKey", "refresh_token", "card-number", "x.secret.y"])


def with_secret(value: Any, name: str, secret: Any) -> Any:
    """Everything that `value` is, and in each of its objects a secret."""
    if isinstance(value, dict):
        return {**{key: with_secret(inner, name, secret) for key, inner in value.items()}, name: secret}
    if isinstance(value, list):
        return [with_secret(inner, name, secret) for inner in value]
    return value


@given(value=values, name=secret_names, secret=values, ensure_ascii=st.booleans(), indent=st.sampled_from([None, 2]))
def test_no_value_of_a_secret_name_survives_anywhere_and_all_else_does(
    value: Any, name: str, secret: Any, ensure_ascii: bool, indent: int | None
) -> None:
    assume(Scrubber().text(json.dumps(value)) == json.dumps(value))
    document = {"v": with_secret(value, name, [secret, MARKER])}
    text = json.dumps(document, ensure_ascii=ensure_ascii, indent=indent)
    shown = redact_json(text, SCRUBBER)
    assert json.loads(shown) == {"v": with_secret(value, name, MASK)}
    assert redact_json(shown, SCRUBBER) == shown


texts = st.text(max_size=30) | st.text('{}[]",:\\ \n12truefalsn"password"', max_size=60)


@given(text=texts)
def test_what_is_json_before_is_json_after_and_anything_else_raises_or_returns(text: str) -> None:
    try:
        json.loads(text)
        is_json = True
    except ValueError:
        is_json = False
    try:
        shown = redact_json(text, SCRUBBER)
    except NotJsonError:
        assert not is_json
    else:
        assert not is_json or json.loads(shown) is not ...


@given(value=values, cut=st.integers(0, 400))
def test_of_json_cut_anywhere_no_secret_survives(value: Any, cut: int) -> None:
    document = with_secret({"v": value, "w": [value]}, "password", {"deep": [MARKER]})
    whole = json.dumps(document)
    assert MARKER[:3] not in redact_json(whole[:cut], SCRUBBER)


def test_depth_does_not_matter() -> None:
    """A reader that recurses gives up at about a thousand levels; an agent may send more."""
    deep = '{"a":[' * 20_000 + '{"password": "x", "n": 1}' + "]}" * 20_000
    assert redact_json(deep, SCRUBBER) == deep.replace('"x"', f'"{MASK}"')


@pytest.mark.parametrize(
    "text", ['{"token": 1]', '{"a" "token": x y}', '{token: "x"}', '["token=x"] and more', "token=x"]
)
def test_what_is_no_json_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotJsonError):
        redact_json(text, SCRUBBER)
