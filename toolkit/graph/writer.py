"""The only hands on a tenant: each change of a thing as the one Graph request that makes it.

Bodies are the SDK's models (writing them costs nothing); answers are read as bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import httpx

from toolkit.domain.changes import Change, Consent, Enterprise, Ownership, RoleGrant
from toolkit.errors import GraphRefused, ReplyLost
from toolkit.graph import needs
from toolkit.graph.client import APIError, GraphClient
from toolkit.graph.failures import refusal, translated
from toolkit.graph.needs import Needs
from toolkit.graph.retry import PASSING

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

GONE = (
    "EntitlementGrant being updated or deleted is not found",
    "does not exist or one of its queried reference-property objects",
)
"""How Graph says that what should be deleted is not there (any more)."""
THERE_ALREADY = ("already exist",)
"""How Graph says that what should be created is there already."""


class GraphWriter:
    """Carries out one change; knows nothing of plans and never repeats itself.

    Raises PermissionMissing, Unreachable, GraphRefused, and ReplyLost where the request may have been carried out.
    """

    def __init__(self, client: GraphClient) -> None:
        self._client = client
        self._graph = client.graph

    async def write(self, change: Change) -> None:
        """Send the change. That it is there (or gone) already is success: the state is read back afterwards."""
        request, needed, doing = self._request(change)
        try:
            await self._client.send(request)
        except APIError as refused:
            told = refusal(refused)
            if change.after is None and (told.status == 404 or any(words in told.message for words in GONE)):
                return
            if change.before is None and any(words in told.message for words in THERE_ALREADY):
                return
            if told.status in PASSING:
                # A gateway may have given up on a request that was carried out behind it.
                raise ReplyLost(f"nobody knows what became of the request to {doing}", str(told)) from refused
            raise translated(refused, doing, needed) from refused
        except (httpx.ConnectError, httpx.ConnectTimeout) as never_sent:
            raise translated(never_sent, doing, needed) from never_sent
        except httpx.RequestError as lost:
            raise ReplyLost(f"no answer came to the request to {doing}", f"{type(lost).__name__}.") from lost

    def _request(self, change: Change) -> tuple[RequestInformation, Needs, str]:
        match change.subject:
            case Enterprise() as app:
                return self._application(change, app), needs.WRITE_APPLICATIONS, f"change application {app.name}"
            case Consent() as consent:
                return self._consent(change, consent), needs.WRITE_GRANTS, "change a delegated grant"
            case RoleGrant() as role:
                return self._role(change, role), needs.WRITE_APP_ROLES, "change an app role assignment"
            case Ownership() as owner:
                return self._owner(change, owner), needs.WRITE_APPLICATIONS, "change an owner"

    def _application(self, change: Change, app: Enterprise) -> RequestInformation:
        from msgraph.generated.models.service_principal import ServicePrincipal

        before = change.before if isinstance(change.before, Enterprise) else None
        item = self._graph.service_principals.by_service_principal_id(app.id)
        if before is None:
            return self._graph.service_principals.to_post_request_information(ServicePrincipal(app_id=app.app_id))
        if (before.where, app.where) == ("live", "bin"):
            return item.to_delete_request_information()
        if (before.where, app.where) == ("bin", "live"):
            return self._graph.directory.deleted_items.by_directory_object_id(
                app.id
            ).restore.to_post_request_information()
        return item.to_patch_request_information(ServicePrincipal(account_enabled=app.enabled))

    def _consent(self, change: Change, consent: Consent) -> RequestInformation:
        from msgraph.generated.models.o_auth2_permission_grant import OAuth2PermissionGrant

        grants = self._graph.oauth2_permission_grants
        scope = " ".join(consent.scopes)
        if change.before is None:
            return grants.to_post_request_information(
                OAuth2PermissionGrant(
                    client_id=consent.client_id,
                    resource_id=consent.resource_id,
                    consent_type="Principal" if consent.principal_id else "AllPrincipals",
                    principal_id=consent.principal_id,
                    scope=scope,
                )
            )
        item = grants.by_o_auth2_permission_grant_id(_id_of(change))
        if change.after is None:
            return item.to_delete_request_information()
        return item.to_patch_request_information(OAuth2PermissionGrant(scope=scope))

    def _role(self, change: Change, role: RoleGrant) -> RequestInformation:
        from msgraph.generated.models.app_role_assignment import AppRoleAssignment

        assigned = self._graph.service_principals.by_service_principal_id(role.resource_id).app_role_assigned_to
        if change.before is None:
            return assigned.to_post_request_information(
                AppRoleAssignment(
                    principal_id=UUID(role.principal_id),
                    resource_id=UUID(role.resource_id),
                    app_role_id=UUID(role.app_role_id),
                )
            )
        return assigned.by_app_role_assignment_id(_id_of(change)).to_delete_request_information()

    def _owner(self, change: Change, owner: Ownership) -> RequestInformation:
        from msgraph.generated.models.reference_create import ReferenceCreate

        owners = self._graph.service_principals.by_service_principal_id(owner.object_id).owners
        if change.before is None:
            url = f"{self._client.endpoint}/directoryObjects/{owner.owner_id}"
            return owners.ref.to_post_request_information(ReferenceCreate(odata_id=url))
        return owners.by_directory_object_id(owner.owner_id).ref.to_delete_request_information()


def _id_of(change: Change) -> str:
    thing = change.before
    if isinstance(thing, Consent | RoleGrant) and thing.id:
        return thing.id
    raise GraphRefused("cannot change a grant", "Its id is not known; it was not read from the tenant.")
