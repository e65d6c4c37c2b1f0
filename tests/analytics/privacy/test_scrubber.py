import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_analytics.privacy.mask import MASK
from lambdascope_analytics.privacy.patterns import OwnPattern
from lambdascope_analytics.privacy.scrubber import WITHHELD, Scrubber

scrub = Scrubber().text

SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE1EY"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEow\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("key AKIAIOSFODNN7EXAMPLE denied", f"key {MASK} denied"),
        ("(ASIAIOSFODNN7EXAMPLE)", f"({MASK})"),
        (f"signed with {SECRET_KEY}.", f"signed with {MASK}."),
        (f"aws_secret_access_key = {SECRET_KEY}", f"aws_secret_access_key = {MASK}"),
        (f"key={SECRET_KEY}", f"key={MASK}"),
        ("sent Bearer abc.def-ghi_123 to it", f"sent Bearer {MASK} to it"),
        ("Authorization: Basic dXNlcjpwYXNz", f"Authorization: {MASK}"),
        (f"got {JWT}", f"got {MASK}"),
        ("DB_PASSWORD=hunter2 user=bob", f"DB_PASSWORD={MASK} user=bob"),
        ("password : 'it\\'s' ok", f"password : '{MASK}' ok"),
        ("Server=db;Pwd=a,b)c;Port=1", f"Server=db;Pwd={MASK};Port=1"),
        ("https://h/p?X-Amz-Signature=0a1b&page=2", f"https://h/p?X-Amz-Signature={MASK}&page=2"),
        ('{"apiKey": "a\\"b,c", "n": 1}', f'{{"apiKey": "{MASK}", "n": 1}}'),
        ("{'clientSecret': 'x', 'n': 1}", f"{{'clientSecret': '{MASK}', 'n': 1}}"),
        ('"refresh_token":"abc"', f'"refresh_token":"{MASK}"'),
        ('"token": "cut off in the middl', f'"token": "{MASK}"'),
        ("x-api-key: abc", f"x-api-key: {MASK}"),
        (f"loaded {PEM} twice", f"loaded {MASK} twice"),
        (json.dumps({"pem": PEM}), f'{{"pem": "{MASK}"}}'),
        (PEM[:50], MASK),
        ("postgres://user:p%40ss@db:5432/x", f"postgres://{MASK}@db:5432/x"),
        ("mail bob.a+b@example.co.uk!", f"mail {MASK}!"),
        ("card 4111-1111-1111-1111, 378282246310005", f"card {MASK}, {MASK}"),
        ("12 4111 1111 1111 1111 7", f"12 {MASK} 7"),
        ("card4111111111111111x", f"card{MASK}x"),
    ],
)
def test_secrets_are_masked_and_what_surrounds_them_is_kept(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "KeyError: 'order-17'",
        "RequestId: 5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80 Error: Task timed out after 3.00 seconds",
        "sha1 356a192b7913b04c54574d18c28d46e6395428ab",
        "max_tokens=4096, 512 tokens: too many",
        "at 1700000000000 in 0.4111111111111111 s",
        "card 4111 1111 1111 1112 fails the Luhn check",
        "arn:aws:lambda:us-east-1:123456789012:function:demo-orders",
        "https://example.com/a@b?x=1",
        'File "/var/task/app.py", line 6, in handler',
    ],
)
def test_ordinary_messages_are_left_alone(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("secret", ["hunter2", 'qu"ote', "back\\slash", "comma, space", "new\nline", "}]),;&"])
def test_a_secret_in_json_is_masked_and_the_json_stays_valid_also_inside_text(secret: str, depth: int) -> None:
    document: object = {"user": "bob", "password": secret, "n": 1}
    expected: object = {"user": "bob", "password": MASK, "n": 1}
    for _ in range(depth - 1):
        document, expected = {"body": json.dumps(document)}, {"body": json.dumps(expected)}
    assert json.loads(scrub(json.dumps(document))) == expected


names = st.sampled_from(["password", "API_KEY", "clientSecret", "refresh_token", "db.passwd", "Secret", "access-key"])
printable = st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'<>;&")


# A value that begins so would be read as a longer separator; what follows is masked all the same.
secrets = st.text(printable, min_size=6).filter(lambda text: text[0] not in "=>")


@given(name=names, secret=secrets, separator=st.sampled_from(["=", ": ", " = ", "=>", ":"]))
def test_the_value_of_a_name_that_says_secret_never_survives(name: str, secret: str, separator: str) -> None:
    scrubbed = scrub(f"failed: {name}{separator}{secret} end")
    assert scrubbed == f"failed: {name}{separator}{MASK} end"


@given(secret=st.text(min_size=1, max_size=30), before=st.text(max_size=10))
def test_json_of_any_secret_is_masked_and_stays_json(secret: str, before: str) -> None:
    scrubbed = json.loads(scrub(json.dumps({"n": 1, "api_key": secret})))
    assert scrubbed == {"n": 1, "api_key": MASK}
    assert isinstance(scrub(before + json.dumps({"token": secret})), str)


@given(text=st.text() | st.text("password=\"'\\ :token@.-AKIeyJ14/B", max_size=200))
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    once = scrub(text)
    assert scrub(once) == once


def card(digits: str) -> str:
    for check in "0123456789":
        doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits + check))]
        if sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0:
            return digits + check
    raise AssertionError


@given(
    digits=st.from_regex(r"[2-6][0-9]{11,17}", fullmatch=True),
    size=st.integers(3, 6),
    separator=st.sampled_from([" ", "-", ""]),
)
def test_card_numbers_never_survive_however_they_are_grouped(digits: str, size: int, separator: str) -> None:
    number = card(digits)
    written = separator.join(number[start : start + size] for start in range(0, len(number), size))
    assert scrub(f"paid with {written}.") == f"paid with {MASK}."


ADVERSARIES = [
    *("a", "password=", 'password="', "token:'", "eyJ", "1 ", "4111 ", "://", "a@", "x@a.a", "-----BEGIN A", "\\"),
    *(
        '"',
        "'",
        "bearer ",
        'token\\"',
        'token=\\\\"',
        'token:\\\\\\"',
        "A/",
        "secret ",
        "passwordpassword_",
        "-----BEGIN PRIVATE KEY-----",
    ),
]
LINEAR = """
import sys
from lambdascope_analytics.fingerprint import fingerprint
from lambdascope_analytics.privacy.scrubber import Scrubber
scrub = Scrubber().strictly
for piece in sys.argv[1:]:
    text = (piece * 100_000)[:100_000]
    scrub(text)
    scrub("x" + text + "\\n")
    fingerprint("E", text, [text] * 10)
print("done")
"""


def test_time_grows_with_the_length_of_the_text_and_no_faster() -> None:
    """100 kB of each adversary takes about 0.1 s; a pattern that is quadratic takes far longer than the limit."""
    command = [sys.executable, "-c", LINEAR, *ADVERSARIES]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (finished.stdout, finished.stderr) == ("done\n", "")


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "github_pat_11ABCDEFG0abcdefghijkl_MNOPQRSTUVWXYZ",
        "glpat-Abcd1234Efgh5678Ijkl",
        "xoxb-" + "123456789012-abcdefGHIJKL",
        "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
        "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
        "ya29.a0AfH6SMBx1234567890",
        "sk-proj-abcdefghijklmnopqrstuvwxyz012345",
        "sk-ant-api03-abcdefghijklmnopqrstuvwxyz",
        "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "hf_abcdefghijklmnopqrstuvwxyzABCDEF",
        "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",
        "hvs.CAESIJ1234567890abcdefghij",
        "lsk_abcdefghij-klmnopqrst_uvwxyz0123456789ABCDEF",
        "dop_v1_" + "0123456789abcdef" * 4,
        "IQoJb3JpZ2luX2VjEHoaCXVzLWVhc3QtMSJHMEUCIQ",
        "FwoGZXIvYXdzEBYaDKgD0123456789abcdef==",
        "GB82 WEST 1234 5698 7654 32",
        "DE89370400440532013000",
    ],
)
def test_keys_of_known_services_and_ibans_are_masked(secret: str) -> None:
    assert scrub(f"got {secret}, and gave it back") == f"got {MASK}, and gave it back"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("basic dXNlcjpwYXNz==", f"basic {MASK}"),
        ("a basic question of principle", "a basic question of principle"),
        ("https://hooks.slack.com/services/T00/B00/XXXX1234", f"https://hooks.slack.com/services/{MASK}"),
        ("https://a.blob/x?sv=2&sig=ab%2Bc%3D&se=1", f"https://a.blob/x?sv=2&sig={MASK}&se=1"),
        ("AccountKey=Zm9vYmFy==;Endpoint=x", f"AccountKey={MASK};Endpoint=x"),
        ("DB_PASS=hunter2", f"DB_PASS={MASK}"),
        ("PIN: 1234, cvv=123", f"PIN: {MASK} cvv={MASK}"),
        ("GB82 WEST 1234 5698 7654 33 is mistyped", "GB82 WEST 1234 5698 7654 33 is mistyped"),
        ("3 tests pass: 2, shipping: 4, author: bob", "3 tests pass: 2, shipping: 4, author: bob"),
        ("İ password=hunter2 İ", f"İ password={MASK} İ"),  # its lower case is two letters: places must not shift
    ],
)
def test_secrets_by_name_and_scheme_are_told_from_ordinary_words(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed


def test_patterns_of_the_operator_are_masked_besides_what_is_built_in() -> None:
    own = Scrubber([OwnPattern("1", r"EMP-\d+"), OwnPattern("2", "^x$")])
    assert own.text("EMP-1 at bob@example.com") == f"{MASK} at {MASK}"
    assert own.text("x") == MASK  # also what is too short for anything built in
    assert own.has_patterns


def test_a_text_on_which_a_pattern_is_too_slow_is_masked_as_a_whole(caplog: pytest.LogCaptureFixture) -> None:
    slow = Scrubber([OwnPattern("patterns.txt, line 3", r"(?:q|qq|q\w)+!")])
    assert slow.text("hunter2 " + "q" * 5_000) == WITHHELD
    assert "line 3" in caplog.text
    assert "hunter2" not in caplog.text


def test_scrubbing_holds_the_interpreter_for_no_longer_than_its_patterns_are_many() -> None:
    """Counts, not clocks: the work on a text twice as long is twice as much, whatever it says."""
    for piece in ("a=", "password=", "4111 ", "x@a.a ", '"token": ', "eyJa.", "://a@", "sk-", "basic "):
        counts = [_calls(piece * size) for size in (500, 1000)]
        assert counts[1] <= 2.2 * counts[0] + 50, piece


def _calls(text: str) -> int:
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        scrub(text)
    finally:
        sys.setprofile(None)
    return count


def test_what_is_known_to_be_secret_is_masked_to_the_letter_wherever_it_stands() -> None:
    """Nothing about such a value shows what it is, as where a server repeats the token that it was called with."""
    known = Scrubber(known=lambda: {"opaque12", "opaque12-and-more"}).text
    assert known("opaque12") == MASK
    assert known("no for opaque12-and-more, said xopaque12x") == f"no for {MASK}, said x{MASK}x"
    assert known("harmless") == "harmless"


def test_what_is_known_is_asked_for_once() -> None:
    asked: list[int] = []
    known = Scrubber(known=lambda: asked.append(1) or ["opaque12"])
    assert [known.text("a long harmless text"), known.text("another long one")][0] == "a long harmless text"
    assert asked == [1]
