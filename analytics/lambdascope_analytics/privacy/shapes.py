"""The shapes of secrets: keys, tokens, credentials and addresses that can be told by how they look.

Each runs in time linear in the text: quantifiers are possessive (`++`, `*+`) or bounded, and where a pattern begins
with a run of characters a lookbehind lets it begin only at the start of that run.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lambdascope_analytics.privacy.mask import MASK


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One shape; a text can hold it only if it has one of the `signs`, given in lower case."""

    name: str
    signs: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str] = MASK


def _mask_basic(found: re.Match[str]) -> str:
    try:
        is_pair = b":" in b64decode(found["pair"] + "==")
    except ValueError:
        is_pair = False
    return found["scheme"] + MASK if is_pair else found[0]


def _mask_aws_secret(found: re.Match[str]) -> str:
    text = found[0]
    # 40 characters of base64 that are not a hash in hex.
    is_mixed = re.search("[A-Z]", text) and re.search("[a-z]", text) and re.search("[0-9]", text)
    return MASK if is_mixed else text


# Prefixes that their makers chose so that leaked keys can be found.
_PREFIXED: Final = (
    r"gh[pousr]_[A-Za-z0-9]{20,255}+",
    r"github_pat_[A-Za-z0-9_]{20,255}+",
    r"gl(?:pat|ptt|rt|dt|cbt|soat|imt|ft|agent|oas)-[\w.-]{16,255}+",
    r"xox[a-z]-[A-Za-z0-9-]{10,255}+|xapp-[A-Za-z0-9-]{10,255}+",
    r"(?:[srp]k_(?:live|test)|whsec)_[A-Za-z0-9+/=]{10,255}+",
    r"AIza[\w-]{30,}+|ya29\.[\w.-]{10,}+|GOCSPX-[\w-]{10,}+",
    r"sk-(?:ant-|proj-|svcacct-|admin-|or-)?[\w-]{20,}+",
    r"npm_[A-Za-z0-9]{30,255}+|pypi-[\w-]{20,}+|hf_[A-Za-z0-9]{20,255}+",
    r"SG\.[\w-]{16,}+\.[\w-]{16,}+|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}|dapi[a-f0-9]{32}",
    r"hv[sbr]\.[\w-]{20,}+|do[opr]_v1_[a-f0-9]{64}|AGE-SECRET-KEY-1[A-Z0-9]{20,}+",
    # Our own, which `lambdascope keys new` makes.
    r"lsk_[\w-]{40,}+",
)

# Shapes with one sign each, in any text.
MARKED: Final[tuple[Shape, ...]] = (
    Shape(
        name="private key",
        signs=("private key",),
        pattern=re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----"
            r"(?:[^-]|-(?!----END ))*+(?:-----END [A-Z0-9 ]{0,60}-----|\Z)"
        ),
    ),
    Shape(
        name="credentials in a URL",
        signs=("://",),
        pattern=re.compile(r"(?<=://)[^\s/?#@\"'<>]++@(?:[^\s/?#@\"'<>]++@)*+"),
        replacement=f"{MASK}@",
    ),
    Shape(
        name="Slack webhook",
        signs=("hooks.slack.com",),
        pattern=re.compile(r"(?<=hooks\.slack\.com/services/)[\w/]{10,}+", re.ASCII),
    ),
    Shape(
        name="bearer token",
        signs=("bearer",),
        pattern=re.compile(r"(?i)\b(bearer\s++)[\w.~+/=:-]{6,}+", re.ASCII),
        replacement=rf"\1{MASK}",
    ),
    Shape(
        name="basic credentials",
        signs=("basic",),
        pattern=re.compile(r"(?i)\b(?P<scheme>basic\s++)(?P<pair>[A-Za-z0-9+/]{4,}+)={0,2}+", re.ASCII),
        replacement=_mask_basic,
    ),
    Shape(
        name="e-mail address",
        signs=("@",),
        pattern=re.compile(r"(?<![\w.%+-])[\w.%+-]++@[A-Za-z0-9][A-Za-z0-9-]*+(?:\.[A-Za-z0-9-]++)++"),
    ),
)

# Shapes of one long word; a text without a word of this length has none of them.
_LONG_WORD: Final = re.compile(r"[\w+/.=-]{12}", re.ASCII)
WORDS: Final[tuple[Shape, ...]] = (
    Shape(
        name="JSON web token",
        signs=("eyj",),
        pattern=re.compile(r"(?<![\w-])eyJ[\w-]{4,}+\.[\w-]{4,}+(?:\.[\w-]*+)*+", re.ASCII),
    ),
    Shape(
        name="key with a prefix",
        signs=(
            *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "xox", "xapp-", "k_live_", "k_test_", "whsec_"),
            *("glpat-", "glptt-", "glrt-", "gldt-", "glcbt-", "glsoat-", "glimt-", "glft-", "glagent-", "gloas-"),
            *("aiza", "ya29.", "gocspx-", "sk-", "npm_", "pypi-", "hf_", "sg.", "dapi", "age-secret-key-1"),
            *("shpat_", "shpca_", "shppa_", "shpss_", "hvs.", "hvb.", "hvr.", "_v1_", "lsk_"),
        ),
        pattern=re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_PREFIXED)})", re.ASCII),
    ),
    Shape(
        name="AWS key id",
        signs=("akia", "asia", "aida", "aroa", "agpa", "anpa", "anva", "abia", "acca"),
        pattern=re.compile(
            r"(?<![A-Za-z0-9])(?:AKIA|ASIA|AIDA|AROA|AGPA|ANPA|ANVA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"
        ),
    ),
    Shape(
        name="AWS session token",
        signs=("iqojb3jpz2lux2vj", "fwogzxivyxdz", "fqogzxivyxdz"),
        pattern=re.compile(r"(?:IQoJb3JpZ2luX2Vj|F[wQ]oGZXIvYXdz)[A-Za-z0-9/+]{16,}+={0,2}+"),
    ),
    Shape(
        name="AWS secret key",
        signs=("",),
        pattern=re.compile(r"(?<![\w/+])[A-Za-z0-9/+]{40}(?![\w/+=])", re.ASCII),
        replacement=_mask_aws_secret,
    ),
)


def mask_shapes(text: str) -> str:
    """Mask every shape that `text` holds."""
    lowered = text.lower()
    for shape in MARKED:
        if shape.signs[0] in lowered:
            text = shape.pattern.sub(shape.replacement, text)
    if _LONG_WORD.search(text):
        for shape in WORDS:
            if any(sign in lowered for sign in shape.signs):
                text = shape.pattern.sub(shape.replacement, text)
    return text
