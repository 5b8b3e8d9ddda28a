"""What is written down before and after each write, in order, and never changed afterwards."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from toolkit.domain.changes import Change
from toolkit.domain.plans import Mark, Outcome, Plan, Run, StepRecord
from toolkit.errors import ToolkitError


class NotWritten(ToolkitError):
    """The journal could not be written; what is not written down beforehand is not done."""


class Began(Struct, frozen=True, kw_only=True, tag="began"):
    """A plan is about to be carried out."""

    at: datetime
    plan: Plan


class Stepped(Struct, frozen=True, kw_only=True, tag="stepped", omit_defaults=True):
    """Something happened to a step; `change` carries the ids that were read back where it is done."""

    at: datetime
    number: int
    mark: Mark
    change: Change
    detail: str = ""


class Ended(Struct, frozen=True, kw_only=True, tag="ended"):
    """A run is over, for now."""

    at: datetime
    outcome: Outcome


class TakenBack(Struct, frozen=True, kw_only=True, tag="taken back"):
    """Another run undid this one."""

    at: datetime
    by: str


Event = Began | Stepped | Ended | TakenBack


def run_of(run_id: str, events: list[Event]) -> Run:
    """The run that a list of events tells. Raises ValueError where they do not fit together."""
    if not events or not isinstance(events[0], Began):
        raise ValueError(f"the journal of run {run_id} has no beginning")
    began = events[0]
    steps: dict[int, StepRecord] = {}
    outcome: Outcome = "interrupted"
    finished: datetime | None = None
    undone_by: str | None = None
    for event in events[1:]:
        match event:
            case Stepped():
                if not 1 <= event.number <= len(began.plan.steps):
                    raise ValueError(f"the journal of run {run_id} tells of a step {event.number} that its plan lacks")
                steps[event.number] = StepRecord(
                    number=event.number,
                    change=event.change,
                    says=began.plan.steps[event.number - 1].says,
                    mark=event.mark,
                    detail=event.detail,
                )
            case Ended():
                outcome, finished = event.outcome, event.at
            case TakenBack():
                undone_by = event.by
            case Began():
                # The run was resumed; what it does now decides its outcome.
                outcome, finished = "interrupted", None
    return Run(
        id=run_id,
        plan=began.plan,
        started_at=began.at,
        outcome=outcome,
        steps=tuple(steps[number] for number in sorted(steps)),
        finished_at=finished,
        undone_by=undone_by,
    )
