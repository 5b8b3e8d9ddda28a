"""What can go wrong, said once: what happened, why, and the way out, with the exit code a script can rely on."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command; documented in docs/reference/exit-codes.md."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INCOMPLETE = 3
    SIGN_IN = 4
    REFUSED = 5
    UNREACHABLE = 6
    UNCHANGED = 7
    LEFT_BEHIND = 8
    FINDINGS = 10
    PENDING = 11
    INTERRUPTED = 130


class ToolkitError(Exception):
    """A failure a person can act on: `what` failed, `why`, a `hint`, and the `commands` that would help."""

    exit: Exit = Exit.FAILED

    def __init__(self, what: str, why: str = "", *, hint: str = "", commands: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint
        self.commands = tuple(commands)


class BadUsage(ToolkitError):
    """A flag, argument or file that cannot be used as given."""

    exit = Exit.USAGE


class NotFound(ToolkitError):
    """Nothing in the tenant answers to the name or id that was given."""

    exit = Exit.USAGE


class InRecycleBin(NotFound):
    """It was deleted and can still be restored."""


class Ambiguous(ToolkitError):
    """A name that fits several objects; `candidates` are lines that tell them apart."""

    exit = Exit.USAGE

    def __init__(
        self, what: str, why: str, candidates: Sequence[str], *, hint: str = "", commands: Sequence[str] = ()
    ) -> None:
        super().__init__(what, why, hint=hint, commands=commands)
        self.candidates = tuple(candidates)


class NoTenant(ToolkitError):
    """No tenant was named, and none is ever guessed."""

    exit = Exit.SIGN_IN


class SignInFailed(ToolkitError):
    """The identity platform gave no token; `code` is the AADSTS number where there was one."""

    exit = Exit.SIGN_IN

    def __init__(
        self, what: str, why: str = "", *, hint: str = "", commands: Sequence[str] = (), code: int | None = None
    ) -> None:
        super().__init__(what, why, hint=hint, commands=commands)
        self.code = code


class PermissionMissing(ToolkitError):
    """Graph refused (403); `needs` names the least permissions that would do."""

    exit = Exit.SIGN_IN

    def __init__(
        self, what: str, why: str = "", *, needs: Sequence[str] = (), hint: str = "", commands: Sequence[str] = ()
    ) -> None:
        super().__init__(what, why, hint=hint, commands=commands)
        self.needs = tuple(needs)


class NotLicensed(ToolkitError):
    """The tenant lacks the licence that this read needs."""

    exit = Exit.INCOMPLETE


class Unreachable(ToolkitError):
    """Graph or the sign-in service could not be reached, or kept throttling."""

    exit = Exit.UNREACHABLE


class GraphRefused(ToolkitError):
    """Graph answered with an error that no other class names; `status` and `code` are Graph's."""

    def __init__(
        self, what: str, why: str = "", *, status: int = 0, code: str = "", hint: str = "", commands: Sequence[str] = ()
    ) -> None:
        super().__init__(what, why, hint=hint, commands=commands)
        self.status = status
        self.code = code


class ReplyLost(ToolkitError):
    """A write was sent and no answer came: it may have been carried out or not."""

    exit = Exit.UNREACHABLE


class Refused(ToolkitError):
    """entrakit will not do it: it was declined, or it is protected."""

    exit = Exit.REFUSED


class StalePlan(ToolkitError):
    """The tenant is no longer as the plan assumed; nothing was changed."""

    exit = Exit.UNCHANGED


class RolledBack(ToolkitError):
    """A step failed and what was done before it was taken back: the tenant is as it was."""

    exit = Exit.UNCHANGED


class LeftBehind(ToolkitError):
    """A step failed and not everything could be taken back: a person must look."""

    exit = Exit.LEFT_BEHIND
