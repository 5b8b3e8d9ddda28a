"""How far long work is, drawn on stderr while a person watches, and gone when it is done."""

from __future__ import annotations

from threading import Lock, Timer
from types import TracebackType
from typing import TYPE_CHECKING

from toolkit.console.streams import Console
from toolkit.render.untrusted import for_terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Drawing
    from rich.progress import TaskID

PATIENCE = 0.4  # seconds; shorter work draws nothing and does not pay for loading rich


class Progress:
    """A context manager that shows areas of work; does nothing where nobody watches."""

    def __init__(self, console: Console, *, patience: float = PATIENCE) -> None:
        self._console = console
        self._patience = patience
        self._lock = Lock()
        self._timer: Timer | None = None
        self._drawing: Drawing | None = None
        self._areas: dict[str, _Area] = {}
        self._over = False

    def __enter__(self) -> Progress:
        if not self._console.draws:
            return self
        if self._patience <= 0:
            self._draw()
            return self
        self._timer = Timer(self._patience, self._draw)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._over = True
            if self._drawing is not None:
                self._drawing.stop()
                self._drawing = None

    def area(self, name: str, total: int | None = None) -> None:
        """Announce a part of the work, or its total once that is known."""
        with self._lock:
            area = self._areas.setdefault(name, _Area(for_terminal(name)))
            area.total = total
            self._show(area)

    def advance(self, area: str, n: int = 1) -> None:
        """Say that `n` more objects of the part are done."""
        with self._lock:
            known = self._areas.setdefault(area, _Area(for_terminal(area)))
            known.done += n
            self._show(known)

    def note(self, area: str, text: str) -> None:
        """Say what the part is doing or waiting for."""
        with self._lock:
            known = self._areas.setdefault(area, _Area(for_terminal(area)))
            known.note = for_terminal(text)
            self._show(known)

    def _draw(self) -> None:
        drawing = _drawing(self._console)
        with self._lock:
            if self._over:
                return
            self._drawing = drawing
            for area in self._areas.values():
                self._show(area)
            drawing.start()

    def _show(self, area: _Area) -> None:
        if self._drawing is None:
            return
        if area.task is None:
            area.task = self._drawing.add_task(area.name, total=area.total, count="", note="")
        self._drawing.update(area.task, completed=area.done, total=area.total, count=area.count, note=area.note)


class _Area:
    def __init__(self, name: str) -> None:
        self.name = name
        self.total: int | None = None
        self.done = 0
        self.note = ""
        self.task: TaskID | None = None

    @property
    def count(self) -> str:
        """How many are done, of how many where that is known."""
        return f"{self.done:,}" if self.total is None else f"{self.done:,} of {self.total:,}"


def _drawing(console: Console) -> Drawing:
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
    from rich.table import Column

    screen = RichConsole(
        file=console.stderr,
        force_terminal=True,
        no_color=not console.talk_color,
        markup=False,
        highlight=False,
    )
    one_line = Column(no_wrap=True, overflow="ellipsis")
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False, table_column=one_line),
        BarColumn(bar_width=20, table_column=Column(min_width=20)),
        TextColumn("{task.fields[count]}", markup=False),
        TextColumn("{task.fields[note]}", style="dim", markup=False, table_column=one_line),
        console=screen,
        transient=True,
    )
