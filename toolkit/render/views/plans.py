"""Plans and runs as views."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.domain.changes import Change, Enterprise
from toolkit.domain.plans import Mark, Outcome, Plan, Run, Step
from toolkit.render.view import Block, Cell, Column, Fields, Note, Shown, Table, Tone, View
from toolkit.render.views.cells import tenant_line

SIGNS: dict[str, tuple[str, Tone]] = {"create": ("+", "good"), "update": ("~", "warning"), "delete": ("-", "bad")}
MARK_TONES: dict[Mark, Tone] = {
    "intended": "unknown",
    "done": "good",
    "already so": "dim",
    "failed": "bad",
    "rolling back": "unknown",
    "rolled back": "warning",
    "roll-back failed": "bad",
}
OUTCOME_TONES: dict[Outcome, Tone] = {
    "done": "good",
    "rolled back": "warning",
    "left behind": "bad",
    "interrupted": "bad",
}


def plan_view(plan: Plan) -> View:
    """What would be done, to whom, and who loses what."""
    head = Fields(
        "Plan",
        (
            ("Purpose", Shown(plan.purpose, "strong")),
            ("Tenant", f"{plan.tenant.name} ({plan.tenant.domain})"),
            ("Made", f"{plan.made_at:%Y-%m-%d %H:%M} UTC by {plan.made_by}"),
        ),
    )
    columns = (Column("#", "number", align="right"), Column("", "sign"), Column("Change", "change"))
    rows = [(number, _sign(made), made.says) for number, made in enumerate(plan.steps, start=1)]
    blocks: list[Block] = [head, Table("Changes", columns, rows, "nothing to do"), *_along(plan.steps)]
    if plan.losses:
        losses = [(loss.who, loss.loses) for loss in plan.losses]
        blocks.append(Table("Who loses what", (Column("Who", "who"), Column("Loses", "loses")), losses))
    blocks += [Note("dim", note) for note in plan.notes]
    return View("plan.show", 1, tenant_line(plan.tenant), plan, tuple(blocks), primary=1)


def _sign(made: Step) -> Shown:
    change = made.change
    if isinstance(change.before, Enterprise) and isinstance(change.after, Enterprise):
        moved = {("live", "bin"): "delete", ("bin", "live"): "create"}
        return Shown(*SIGNS[moved.get((change.before.where, change.after.where), "update")])
    return Shown(*SIGNS[change.operation])


def _along(steps: Sequence[Step]) -> list[Block]:
    taken = [thing for made in steps for thing in made.change.takes]
    if not taken:
        return []
    return [Note("plain", f"{len(taken)} grants, assignments and owners go with it; all are kept for undo")]


def done_view(run: Run) -> View:
    """What a changing command says at its end, the plan having been shown before."""
    blocks = (_steps(run, f"Run {run.id}: {run.outcome}"), *(Note("warning", text) for text in new_ids(run)))
    return View("history.show", 1, tenant_line(run.plan.tenant), run, blocks)


def run_view(run: Run) -> View:
    """What became of a plan."""
    pairs: list[tuple[str, Cell]] = [
        ("Run", run.id),
        ("Purpose", Shown(run.plan.purpose, "strong")),
        ("Tenant", f"{run.plan.tenant.name} ({run.plan.tenant.domain})"),
        ("Started", f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC by {run.plan.made_by}"),
        ("Outcome", Shown(run.outcome, OUTCOME_TONES[run.outcome])),
    ]
    if run.undone_by:
        pairs.append(("Undone by", run.undone_by))
    blocks = (Fields("Run", tuple(pairs)), _steps(run, "Steps"), *(Note("warning", text) for text in new_ids(run)))
    return View("history.show", 1, tenant_line(run.plan.tenant), run, blocks, primary=1)


def _steps(run: Run, title: str) -> Table:
    columns = [Column("#", "number", align="right"), Column("Change", "change"), Column("State", "state")]
    rows: list[tuple[Cell, ...]] = [
        (record.number, record.says, Shown(record.mark, MARK_TONES[record.mark]), record.detail or None)
        for record in run.steps
    ]
    if any(record.detail for record in run.steps):
        columns.append(Column("Detail", "detail", priority=1))
    return Table(title, tuple(columns), [row[: len(columns)] for row in rows], "no step was begun")


def new_ids(run: Run) -> list[str]:
    """What came back under another id than it had."""
    return [
        f"{record.says.removeprefix('make sure of: ')}: came back under a new id"
        for record in run.steps
        if run.plan.undoes and record.mark == "done" and _has_new_id(record.change, run.plan)
    ]


def _has_new_id(change: Change, plan: Plan) -> bool:
    if change.before is not None or change.after is None:
        return False
    fresh = getattr(change.after, "id", "")
    planned = [made.change.after for made in plan.steps if made.change.after is not None]
    return any(thing.same_as(change.after) and getattr(thing, "id", "") != fresh for thing in planned)


def runs_view(runs: Sequence[Run]) -> View:
    """The history, the newest first."""
    columns = (
        Column("Run", "run"),
        Column("Purpose", "purpose"),
        Column("Outcome", "outcome"),
        Column("Steps", "steps", align="right", priority=2),
        Column("Tenant", "tenant", priority=1),
        Column("By", "by", priority=3),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            run.id,
            run.plan.purpose,
            _outcome(run),
            sum(record.mark == "done" for record in run.steps),
            run.plan.tenant.domain,
            run.plan.made_by,
        )
        for run in runs
    ]
    return View("history.list", 1, None, list(runs), (Table(None, columns, rows, "nothing was changed yet"),))


def _outcome(run: Run) -> Shown:
    if run.undone_by:
        return Shown(f"undone by {run.undone_by}", "dim")
    return Shown(run.outcome, OUTCOME_TONES[run.outcome])
