"""What a tenant says is harmless in every format, and machines lose nothing of it."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.render import FORMATS
from toolkit.render.untrusted import (
    for_csv,
    for_github,
    for_github_message,
    for_html,
    for_markdown,
    for_terminal,
    for_tsv,
)
from toolkit.render.view import Column, Fields, Note, Table, View

from .samples import HOSTILE_NAMES, RAW, apps_view, text

TRICKS = st.sampled_from([*sorted(RAW), *"=+-@\t\r\n|`<>[]*_\"'\\,;:% \x00", "@a", "www.", "http://"])
HALVES = st.characters(categories=["Cs"])
TENANT_TEXT = (
    st.lists(TRICKS | st.characters() | st.text(max_size=5), max_size=8)
    .map("".join)
    .filter(
        lambda name: re.search("[\ud800-\udbff][\udc00-\udfff]", name) is None  # together they are one character
    )
)


def view_saying(name: str) -> View:
    table = Table(name, (Column(name, "name"), Column("Tags", name)), [(name, (name, name))], empty=name)
    blocks = (table, Fields(name, ((name, name),)), Note("plain", name))
    return View("apps.list", 1, {"name": name}, [{"name": name, name: [name]}], blocks, coverage=name)


@pytest.mark.parametrize("format", FORMATS)
@settings(deadline=None)
@given(name=TENANT_TEXT)
def test_no_format_lets_a_control_or_invisible_character_through(format: str, name: str) -> None:
    for width in (None, 40, 100):
        assert not RAW & set(text(view_saying(name), format, width=width))


@settings(deadline=None)
@given(name=TENANT_TEXT)
def test_json_decodes_to_what_the_tenant_said(name: str) -> None:
    told = json.loads(text(view_saying(name), "json"))
    assert told["tenant"] == {"name": name}
    assert told["content"] == [{"name": name, name: [name]}]


@settings(deadline=None)
@given(name=TENANT_TEXT)
def test_yaml_loads_as_what_the_tenant_said(name: str) -> None:
    told = yaml.safe_load(text(view_saying(name), "yaml"))
    assert told["tenant"] == {"name": name}
    assert told["content"] == [{"name": name, name: [name]}]


@settings(deadline=None)
@given(name=TENANT_TEXT)
def test_no_csv_cell_of_text_is_a_formula(name: str) -> None:
    for cells in csv.reader(io.StringIO(text(view_saying(name), "csv"), newline="")):
        assert len(cells) == 2
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)
        assert not any(cell.startswith(("\t", "\r", "\n")) for cell in cells)


@settings(deadline=None)
@given(name=TENANT_TEXT)
def test_a_tsv_row_is_one_line_whatever_the_tenant_says(name: str) -> None:
    lines = text(view_saying(name), "tsv").split("\n")
    assert len(lines) == 3
    assert all(line.count("\t") == 1 for line in lines[:2])


@settings(deadline=None)
@given(name=TENANT_TEXT)
def test_a_name_never_breaks_a_line_of_markdown_or_adds_a_column(name: str) -> None:
    shown = for_markdown(name)
    assert shown.splitlines() in ([], [shown])
    assert re.search(r"(?<!\\)(\\\\)*[|`*_\[\]]", shown) is None


def test_the_terminal_shows_what_would_have_been_obeyed() -> None:
    assert for_terminal("\x1b[31m\x9b\u202e\u200b\U000e0041\ud800") == (r"\x1b[31m\x9b\u202e\u200b\U000e0041\ud800")


def test_a_line_break_is_shown_as_one_and_not_made() -> None:
    assert for_terminal("a\nb\tc\r") == r"a\nb\tc\r"


def test_ordinary_names_of_any_script_stay_as_they_are() -> None:
    for name in ("Zoë’s Röstlogg 🚀", "日本語アプリ", "العربية", "R&D (Contoso)"):
        assert for_terminal(name) == name


def test_a_formula_in_full_width_or_after_spaces_is_quoted_too() -> None:
    assert for_csv("\uff1dcmd") == "'\uff1dcmd"
    assert for_csv("  =cmd") == "'  =cmd"
    assert for_csv("1=1") == "1=1"


def test_tsv_has_spaces_for_tabs_and_line_breaks() -> None:
    assert for_tsv("a\r\nb\tc") == "a b c"


def test_markdown_shows_markup_mentions_and_links_as_words() -> None:
    assert for_markdown("**a** <b> `c` [d](http://e) | www.f.example") == (
        r"\*\*a\*\* &lt;b&gt; \`c\` \[d\](http:\//e) \| www\.f.example"
    )
    assert for_markdown("@contoso/admins #12, a@b.example") == ("@<!-- -->contoso/admins #<!-- -->12, a@b.example")


def test_html_has_no_tags_and_no_quotes_of_the_tenant() -> None:
    assert for_html("<b a=\"1\" c='2'>&\u202e") == r"&lt;b a=&quot;1&quot; c=&#x27;2&#x27;&gt;&amp;\u202e"


def test_a_github_command_cannot_be_split_or_given_properties() -> None:
    assert for_github("100%\r\n::error file=a,b\x1b") == r"100%25%0D%0A%3A%3Aerror file=a%2Cb\x1b"
    assert for_github_message("a: b\n::c") == "a: b%0A::c"


def test_known_tricks_are_all_visible_in_a_table() -> None:
    shown = text(apps_view(*HOSTILE_NAMES), "table")
    assert "[bold red]Verified[/]" in shown
    assert r"Invoice\u202egnp.exe" in shown
    assert r"hidden\U000e0041\U000e0042" in shown
    assert len(shown.splitlines()) == 3 + len(HOSTILE_NAMES) + 1
