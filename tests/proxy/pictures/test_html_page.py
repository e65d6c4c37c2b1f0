"""One page that needs nothing else: whole, harmless whatever names hold, light and dark."""

import re
from collections.abc import Mapping
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from lambdascope_proxy.pictures.colours import VARIABLES
from lambdascope_proxy.pictures.figures import svg_of
from lambdascope_proxy.pictures.html_page import html_page
from lambdascope_proxy.pictures.picture import Bars, Picture

EVIL = '"><script>alert(1)</script><img src=https://evil.example/x>'
CHARTS = tuple(Bars(title=title, unit=EVIL, labels=(EVIL, "b"), values=(1.0, 2.0)) for title in ("Cost", EVIL))
PICTURE = Picture(
    title=EVIL,
    subtitle=f"calls of {EVIL}",
    charts=CHARTS,
    columns=("function", EVIL),
    rows=((EVIL, Decimal("0.000001")), ("b", None)),
    words=(f"2 calls of {EVIL}.", f"{EVIL} had no price.", "Next: look further."),
)


class Reader(HTMLParser):
    """What a browser would find."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Mapping[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    return html_page(PICTURE, [svg_of(chart) for chart in CHARTS])


@pytest.fixture(scope="module")
def read(page: str) -> Reader:
    return Reader(page)


def test_a_name_that_is_a_script_is_only_read(read: Reader) -> None:
    tags = [tag for tag, _ in read.found]
    assert not {"script", "img", "iframe", "link", "object"} & set(tags)
    assert not any(name.startswith("on") for _, attributes in read.found for name in attributes)
    assert sum(text == EVIL for text in read.texts) >= 4, "in the head, the title, an axis and the table"


def test_nothing_is_loaded_from_anywhere(read: Reader, page: str) -> None:
    links = [
        value for _, attributes in read.found for name, value in attributes.items() if "href" in name or name == "src"
    ]
    assert all((link or "").startswith("#") for link in links)
    assert "url(http" not in page
    assert "@import" not in page
    policy = next(found for tag, found in read.found if tag == "meta" and "http-equiv" in found)
    assert (policy["content"] or "").startswith("default-src 'none'")


def test_parts_of_two_drawings_are_not_mistaken_for_each_other(read: Reader, page: str) -> None:
    ids = [found["id"] for _, found in read.found if "id" in found]
    assert len(ids) > 20
    assert len(set(ids)) == len(ids)
    used = re.findall(r'(?:url\(#|href="#)([^)"]+)', page)
    assert used
    assert set(used) <= set(ids)


def test_drawings_take_every_colour_from_the_page_which_has_it_light_and_dark(page: str) -> None:
    head, _, body = page.partition("</head>")
    assert re.findall(r"#[0-9a-f]{6}\b", body) == []
    assert "prefers-color-scheme: dark" in head
    for name, colour in VARIABLES.items():
        assert f"--{name}: {colour.light};" in head
        assert f"--{name}: {colour.dark};" in head
    assert set(re.findall(r"var\(--([a-z0-9-]+)\)", page)) <= set(VARIABLES)


def test_the_table_is_whole_with_numbers_to_the_right(page: str) -> None:
    assert page.count("<tr>") == 3
    assert '<td class="number">0.000001</td>' in page
    assert '<td class="number"></td>' in page, "nothing for what is not known"
    assert "<table>" not in html_page(Picture(title="t", subtitle="", charts=()), [])


def test_the_answer_in_a_sentence_leads_and_what_to_know_follows(read: Reader) -> None:
    texts = [text for text in read.texts if text.strip()]
    assert texts.index(f"2 calls of {EVIL}.") < texts.index("0.000001") < texts.index("Next: look further.")
    assert f"{EVIL} had no price." in texts


def test_a_picture_without_words_has_no_empty_list() -> None:
    assert "<ul>" not in html_page(Picture(title="a", subtitle="", charts=()), [])
