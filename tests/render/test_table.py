"""The human format: fitted to a terminal, never cut elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.render.layout import room_of
from toolkit.render.view import Cell, Column, Fields, Note, NotShown, Shown, Table, View

from .samples import apps_view, one_app_view, text

COLOR = re.compile(r"\x1b\[\d+m")


def view_of(*blocks: Table | Fields | Note) -> View:
    return View("apps.list", 1, None, None, blocks)


def test_a_terminal_gets_a_boxed_table() -> None:
    assert text(apps_view("Payroll", "Zoë 🚀"), "table", width=100) == (
        "Apps\n"
        " Name    │ Grants │ Last sign-in │ App id\n"
        "─────────┼────────┼──────────────┼──────────────────────────────────────\n"
        " Payroll │      1 │ ?            │ 11111111-1111-1111-1111-111111111111\n"
        " Zoë 🚀  │      2 │ ?            │ 11111111-1111-1111-1111-111111111111\n"
        " ? unknown: sign-in activity needs Entra ID P1\n"
    )


def test_what_a_narrow_terminal_leaves_out_is_named_on_the_last_line() -> None:
    assert text(apps_view("Payroll"), "table", width=40) == (
        "Apps\n"
        " Name    │ Grants │ Last sign-in\n"
        "─────────┼────────┼──────────────\n"
        " Payroll │      1 │ ?\n"
        " ? unknown: sign-in activity needs\n"
        "   Entra ID P1\n"
        " Left out to fit: App id. -o json shows\n"
        " all.\n"
    )


def test_text_for_a_pipe_is_aligned_and_never_cut() -> None:
    long = "x" * 200
    assert text(apps_view("Payroll", long), "table").splitlines()[1:4] == [
        f"{'Name':200}  Grants  Last sign-in  App id",
        f"{'-' * 200}  ------  ------------  {'-' * 36}",
        f"{'Payroll':200}       1  ?             11111111-1111-1111-1111-111111111111",
    ]


def test_one_endless_name_does_not_push_out_the_other_columns() -> None:
    shown = text(apps_view("Payroll", "x" * 500), "table", width=100)
    assert "App id" in shown.splitlines()[1]
    assert "…" in shown
    assert "Text that ends in … was cut. -o json shows all." in shown


def test_a_terminal_too_narrow_for_any_table_gets_labelled_values() -> None:
    table = Table(None, (Column("Name", "n"), Column("Owner of it", "o")), [("Contoso Payroll", "Adele Vance")])
    assert text(view_of(table), "table", width=17) == "Name: Contoso\n  Payroll\nOwner of it:\n  Adele Vance\n"


def test_fields_line_up_and_say_what_is_unknown() -> None:
    assert text(one_app_view(), "table", width=80) == (
        "Name       Contoso Payroll\n"
        "Enabled    yes\n"
        "Created    2024-01-02\n"
        "Read       2026-05-01 12:30Z\n"
        "Tags       hr, legacy\n"
        "Owner      -\n"
        "Publisher  unknown (not read)\n"
        "\n"
        "✓ Read.\n"
    )


def test_every_reason_for_not_knowing_has_its_own_mark() -> None:
    rows: list[tuple[Cell, ...]] = [(NotShown("no licence"),), (NotShown("denied"),), (NotShown("denied"),)]
    assert text(view_of(Table(None, (Column("Last", "last"),), rows)), "table") == (
        "Last\n----\n?1\n?2\n?2\n?1 unknown: no licence\n?2 unknown: denied\n"
    )


def test_a_legend_tells_only_about_columns_that_are_shown() -> None:
    columns = (Column("Name", "n"), Column("Last sign-in", "l", priority=1))
    shown = text(view_of(Table(None, columns, [("Payroll", NotShown("denied"))])), "table", width=16)
    assert "denied" not in shown


def test_a_blank_name_is_seen() -> None:
    assert '""' in text(apps_view(""), "table")
    assert '"  "' in text(apps_view("  "), "table", width=80)


def test_an_empty_table_says_so() -> None:
    assert text(view_of(Table("Grants", (Column("Scope", "s"),), (), empty="no grants")), "table") == (
        "Grants\nno grants\n"
    )


def test_notes_have_a_sign_and_a_word_so_that_colour_only_repeats() -> None:
    notes = view_of(Note("good", "a."), Note("warning", "b."), Note("bad", "c."), Note("unknown", "d."))
    plain = "✓ a.\n! warning: b.\n✗ problem: c.\n? unknown: d.\n"
    assert text(notes, "table") == plain
    assert COLOR.sub("", text(notes, "table", width=80, color=True)) == plain


def test_colour_changes_no_word_of_a_table() -> None:
    table = Table("T", (Column("A", "a"), Column("B", "b")), [(Shown("x", "bad"), "y"), (None, NotShown("z"))])
    colored = text(view_of(table), "table", width=60, color=True)
    assert "\x1b[31mx\x1b[0m" in colored
    assert COLOR.sub("", colored) == text(view_of(table), "table", width=60)


@settings(deadline=None)
@given(
    names=st.lists(st.text(st.characters(exclude_categories=["Cs", "Mn", "Me", "Cf"]), max_size=60), max_size=4),
    width=st.integers(30, 120),
)
def test_no_line_is_wider_than_the_terminal(names: list[str], width: int) -> None:
    assert all(room_of(line) <= width for line in text(apps_view(*names), "table", width=width).splitlines())


def test_neither_rich_nor_yaml_nor_jmespath_is_loaded_for_a_table() -> None:
    program = (
        "import sys, toolkit.console.streams, toolkit.console.prompts, toolkit.console.progress\n"
        "from toolkit.render import render; from toolkit.render.view import View, Note\n"
        "list(render(View('a', 1, None, None, (Note('good', 'b'),)), 'table', width=80, color=True))\n"
        "print(sorted({'rich', 'yaml', 'jmespath'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
