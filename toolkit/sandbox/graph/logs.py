"""Sign-in and audit logs: https://learn.microsoft.com/graph/api/resources/azure-ad-auditlog-overview"""

from __future__ import annotations

from toolkit.sandbox.graph import permissions as may
from toolkit.sandbox.graph.kinds import DIRECTORY_AUDIT, SIGN_IN
from toolkit.sandbox.graph.routes import serves
from toolkit.sandbox.http import Reply
from toolkit.sandbox.odata.answers import many, one
from toolkit.sandbox.odata.errors import GraphError, not_found
from toolkit.sandbox.odata.kinds import Kind
from toolkit.sandbox.routing import Call

PER_PAGE = 1000
UNLICENSED = "Neither tenant is B2C or tenant doesn't have premium license"


def _check(call: Call) -> None:
    if not call.tenant.settings["licences"].get("p1"):
        raise GraphError(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", UNLICENSED)
    may.require_role(call, may.LOG_ROLES)


def _entry(call: Call, kind: Kind, table: str, id: str) -> Reply:
    _check(call)
    row = call.tenant.tables[table].get(id)
    if row is None:
        raise not_found(id)
    return one(call, kind, row)


def _newest_first(call: Call, kind: Kind, table: str, moment: str) -> Reply:
    _check(call)
    rows = sorted(call.tenant.tables[table].values(), key=lambda row: str(row[moment]), reverse=True)
    return many(call, kind, rows, default_size=PER_PAGE)


@serves("GET", "/auditLogs/signIns", may.READ_LOGS)
def sign_ins(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/signin-list"""
    return _newest_first(call, SIGN_IN, "signIns", "createdDateTime")


@serves("GET", "/auditLogs/directoryAudits", may.READ_LOGS)
def audits(call: Call) -> Reply:
    """https://learn.microsoft.com/graph/api/directoryaudit-list"""
    return _newest_first(call, DIRECTORY_AUDIT, "directoryAudits", "activityDateTime")


@serves("GET", "/auditLogs/signIns/{id}", may.READ_LOGS)
def sign_in(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/signin-get"""
    return _entry(call, SIGN_IN, "signIns", id)


@serves("GET", "/auditLogs/directoryAudits/{id}", may.READ_LOGS)
def audit(call: Call, id: str) -> Reply:
    """https://learn.microsoft.com/graph/api/directoryaudit-get"""
    return _entry(call, DIRECTORY_AUDIT, "directoryAudits", id)
