"""Views that the tests of every format show."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec import Struct

from toolkit.render import render
from toolkit.render.view import Cell, Column, Fields, Note, NotShown, Shown, Table, View

HOSTILE_NAMES = (
    "[bold red]Verified[/]",
    "Invoice\u202egnp.exe",
    "\x1b[31mPay\x1b[0m\nnow",
    "\x9b2J",
    "Pay\u200broll",
    "hidden\U000e0041\U000e0042",
    '=HYPERLINK("http://evil.example","Open")',
    "\u2028line",
    "lone \ud800 half",
)
RAW = frozenset(
    "\x1b\x7f\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\ufeff"
    + "".join(map(chr, [*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
    + "".join(map(chr, [*range(0xE0000, 0xE0080), *range(0xD800, 0xE000)]))
)


class App(Struct, frozen=True):
    id: str
    name: str
    enabled: bool


COLUMNS = (
    Column("Name", "name"),
    Column("Grants", "grants", "right"),
    Column("Last sign-in", "last_sign_in", priority=1),
    Column("App id", "app_id", priority=2),
)
NO_LICENCE = NotShown("sign-in activity needs Entra ID P1")
APP_ID = "11111111-1111-1111-1111-111111111111"


def apps_view(*names: str) -> View:
    """A list of applications with these names."""
    rows: list[tuple[Cell, ...]] = [(name, number, NO_LICENCE, APP_ID) for number, name in enumerate(names, 1)]
    return View(
        "apps.list",
        1,
        {"id": APP_ID, "name": "Contoso"},
        [App(str(number), name, number % 2 == 1) for number, name in enumerate(names, 1)],
        (Table("Apps", COLUMNS, rows),),
        coverage={"complete": True},
    )


def one_app_view() -> View:
    """One application, with every kind of cell."""
    pairs: tuple[tuple[str, Cell], ...] = (
        ("Name", Shown("Contoso Payroll", "strong")),
        ("Enabled", True),
        ("Created", date(2024, 1, 2)),
        ("Read", datetime(2026, 5, 1, 12, 30, 15, tzinfo=UTC)),
        ("Tags", ("hr", "legacy")),
        ("Owner", None),
        ("Publisher", NotShown("not read")),
    )
    return View("apps.show", 1, None, {"name": "Contoso Payroll"}, (Fields(None, pairs), Note("good", "Read.")))


def text(view: View, format: str, *, width: int | None = None, color: bool = False, query: str | None = None) -> str:
    """The whole text of `view`."""
    return "".join(render(view, format, width=width, color=color, query=query))
