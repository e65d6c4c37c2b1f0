"""What a client says of itself: a secret in it never shows, not even the half that a cut leaves."""

from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.client_text import masked_text

SCRUB = Scrubber().text
SECRET = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"


def test_a_secret_is_masked_also_where_the_cut_would_halve_it() -> None:
    # Cut first, half a token would stand there that nobody recognises any more.
    assert "16C7" in SCRUB(f"agent {SECRET}"[:20])
    told = masked_text(f"agent {SECRET}", SCRUB, characters=20)
    assert told == "agent [masked]"


def test_what_is_plain_stays_and_is_cut() -> None:
    assert masked_text("claude-code", SCRUB, characters=64) == "claude-code"
    assert masked_text("x" * 5000, str, characters=64) == "x" * 64
