"""What the history keeps of a payload: text of a bounded size, masked where that is asked for, and never half a
secret."""

import json
from typing import Final

from lambdascope_analytics.errors import SlowPatternError
from lambdascope_analytics.privacy.json_closing import close_json
from lambdascope_analytics.privacy.json_redaction import redact_json
from lambdascope_analytics.privacy.json_tokens import NotJsonError
from lambdascope_analytics.privacy.scrubber import WITHHELD, Scrubber

_NOTE_BYTES: Final = 100


def kept_payload(head: bytes, *, whole_bytes: int, limit: int, margin: int, scrubber: Scrubber | None) -> str:
    """Return what is kept, in at most `limit` bytes of UTF-8, of a payload of `whole_bytes` that begins with `head`.

    JSON stays JSON; a note in it says that it was cut. Without a scrubber nothing is masked. Where `head` is not the
    whole payload, its last `margin` characters are looked at but not kept: a secret that is torn lies among them.
    """
    is_cut = len(head) < whole_bytes
    text = _text_of(head, is_cut)
    if text is None:
        return json.dumps(f"[not text: {whole_bytes} bytes]")
    try:
        masked, is_json = _masked(text, scrubber, is_cut)
    except SlowPatternError:
        return json.dumps(WITHHELD)
    if not is_cut and len(masked.encode("utf-8", "surrogatepass")) <= limit:
        return masked
    longest = len(masked) - margin if is_cut else len(masked)
    note = f"[cut: the whole has {whole_bytes} bytes]"
    return _cut(masked[: max(0, longest)], limit, note, is_json=is_json)


def _text_of(head: bytes, is_cut: bool) -> str | None:
    try:
        return head.decode()
    except UnicodeDecodeError as error:
        # The cut may go through a character of up to four bytes.
        if is_cut and error.start >= len(head) - 3:
            return head[: error.start].decode()
        return None


def _masked(text: str, scrubber: Scrubber | None, is_cut: bool) -> tuple[str, bool]:
    is_json = is_cut or _is_json(text)
    if scrubber is None:
        return text, is_json
    try:
        if is_json:
            return redact_json(text, scrubber), True
    except NotJsonError:
        pass
    return scrubber.strictly(text), False


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except RecursionError:
        return True  # nested too deeply for that reader, not for ours
    except ValueError:
        return False
    return True


def _cut(text: str, limit: int, note: str, *, is_json: bool) -> str:
    kept = text.encode("utf-8", "replace")[: limit - _NOTE_BYTES].decode("utf-8", "ignore")
    if is_json:
        try:
            return _closed(kept, limit, note)
        except NotJsonError:
            pass
    return f"{kept} {note}"


def _closed(kept: str, limit: int, note: str) -> str:
    closed = close_json(kept, note)
    excess = len(closed.encode()) - limit
    # Brackets nested by the thousand need room for as many to close them.
    return closed if excess <= 0 else close_json(kept[: len(kept) // 2], note)
