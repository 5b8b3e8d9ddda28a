"""A tenant being made up: adds objects in Graph's own JSON shape and answers their ids."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from toolkit.sandbox.scenarios import microsoft
from toolkit.sandbox.scenarios.ids import assignment_id, grant_id, object_id
from toolkit.sandbox.scenarios.shapes import INFO, PUBLISHER, Wants, organization, registration, security_group
from toolkit.sandbox.scenarios.signing_key import KID, signing_key
from toolkit.sandbox.tenant import Tenant

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
GALLERY_TAG = "WindowsAzureActiveDirectoryIntegratedApp"


class Draft:
    """One tenant under construction, as of `now`."""

    def __init__(self, tenant: Tenant, now: datetime) -> None:
        self.tenant = tenant
        self.tables = tenant.tables
        self.now = now
        self.tables["signingKeys"][KID] = signing_key()

    def day(self, days: float) -> str:
        """The moment `days` from now (before it when negative), as Graph writes it."""
        return f"{self.now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"

    def organization(self, display_name: str, domains: Iterable[str], country: str = "DE") -> None:
        """The organization object; the first of `domains` is the initial one, the last the default one."""
        self.tables["organization"][self.tenant.id] = organization(
            self.tenant.id, display_name, list(domains), country, self.day(-2200)
        )

    def user(self, upn: str, display_name: str, *, enabled: bool = True, guest: bool = False, job: str = "") -> str:
        """A user; answers the object id."""
        id = object_id("user", upn)
        given, _, surname = display_name.partition(" ")
        self.tables["users"][id] = {
            "id": id,
            "deletedDateTime": None,
            "accountEnabled": enabled,
            "businessPhones": [],
            "createdDateTime": self.day(-900),
            "displayName": display_name,
            "givenName": given,
            "jobTitle": job or None,
            "mail": upn if not guest else upn.partition("#")[0].replace("_", "@"),
            "mobilePhone": None,
            "officeLocation": None,
            "onPremisesSyncEnabled": None,
            "preferredLanguage": None,
            "surname": surname or None,
            "userPrincipalName": upn,
            "userType": "Guest" if guest else "Member",
        }
        return id

    def group(
        self,
        display_name: str,
        members: Iterable[str] = (),
        owners: Iterable[str] = (),
        *,
        role_assignable: bool = False,
    ) -> str:
        """A security group with its direct members and owners; answers the object id."""
        id = object_id("group", display_name)
        self.tables["groups"][id] = security_group(id, display_name, self.day(-800), role_assignable)
        self.tables["members"][id] = {"ids": list(members)}
        self.own(id, owners)
        return id

    def own(self, id: str, owners: Iterable[str]) -> None:
        """Make `owners` the owners of an object; none leaves no row."""
        ids = list(owners)
        if ids:
            self.tables["owners"][id] = {"ids": ids}

    def microsoft_applications(self) -> None:
        """The service principals of Microsoft's own applications."""
        for resource in microsoft.facts().resources:
            self.principal(
                resource.display_name,
                resource.app_id,
                owner=microsoft.OWNER,
                names=resource.names,
                tags=(),
                roles=microsoft.app_roles(resource.app_id),
                scopes=microsoft.permission_scopes(resource.app_id),
                publisher="Microsoft Services",
            )

    def principal(
        self,
        display_name: str,
        app_id: str,
        *,
        owner: str | None,
        enabled: bool = True,
        kind: str = "Application",
        tags: Iterable[str] = (GALLERY_TAG,),
        names: Iterable[str] = (),
        replies: Iterable[str] = (),
        roles: list[dict[str, Any]] | None = None,
        scopes: list[dict[str, Any]] | None = None,
        verified: str | None = None,
        publisher: str | None = None,
        assignment_required: bool = False,
        homepage: str | None = None,
        notes: str | None = None,
        template: str | None = None,
        alternative_names: Iterable[str] = (),
        key: str | None = None,
    ) -> str:
        """A service principal; answers the object id. `verified` is the name of a verified publisher."""
        id = object_id("servicePrincipal", key or app_id)
        self.tables["servicePrincipals"][id] = {
            "id": id,
            "deletedDateTime": None,
            "accountEnabled": enabled,
            "addIns": [],
            "alternativeNames": list(alternative_names),
            "appDescription": None,
            "appDisplayName": display_name,
            "appId": app_id,
            "applicationTemplateId": template,
            "appOwnerOrganizationId": owner,
            "appRoleAssignmentRequired": assignment_required,
            "appRoles": [] if roles is None else roles,
            "description": None,
            "disabledByMicrosoftStatus": None,
            "displayName": display_name,
            "homepage": homepage,
            "info": dict.fromkeys(INFO),
            "keyCredentials": [],
            "loginUrl": None,
            "logoutUrl": None,
            "notes": notes,
            "notificationEmailAddresses": [],
            "oauth2PermissionScopes": [] if scopes is None else scopes,
            "passwordCredentials": [],
            "preferredSingleSignOnMode": None,
            "preferredTokenSigningKeyThumbprint": None,
            "publisherName": publisher or verified,
            "replyUrls": list(replies),
            "resourceSpecificApplicationPermissions": [],
            "samlSingleSignOnSettings": None,
            "servicePrincipalNames": [app_id, *names],
            "servicePrincipalType": kind,
            "signInAudience": "AzureADMyOrg" if owner == self.tenant.id else "AzureADMultipleOrgs",
            "tags": list(tags),
            "tokenEncryptionKeyId": None,
            "verifiedPublisher": self._publisher(verified),
        }
        return id

    def application(
        self,
        display_name: str,
        app_id: str,
        *,
        wants: Wants | None = None,
        owners: Iterable[str] = (),
        replies: Iterable[str] = (),
        public: bool = False,
        **principal: Any,
    ) -> str:
        """An application registered here, with its service principal; answers the service principal's id."""
        id = object_id("application", app_id)
        self.tables["applications"][id] = registration(
            id,
            display_name,
            app_id,
            since=self.day(-700),
            wants=wants or {},
            replies=list(replies),
            public=public,
            roles=principal.get("roles") or [],
            scopes=principal.get("scopes") or [],
            names=principal.get("names", ()),
        )
        owners = list(owners)
        self.own(id, owners)
        service_principal = self.principal(display_name, app_id, owner=self.tenant.id, replies=replies, **principal)
        self.own(service_principal, owners)
        return service_principal

    def secret(self, app_id: str, name: str, value: str, days: float, since: float = -300) -> None:
        """A client secret of a registered application that ends `days` from now."""
        key = object_id("secret", f"{app_id}/{name}")
        ends = self.day(days)
        application = self.tables["applications"][object_id("application", app_id)]
        application["passwordCredentials"].append(
            {
                "customKeyIdentifier": None,
                "displayName": name,
                "endDateTime": ends,
                "hint": value[:3],
                "keyId": key,
                "secretText": None,
                "startDateTime": self.day(min(since, days - 180)),
            }
        )
        row = self.tables["secrets"].setdefault(app_id, {"secrets": []})
        row["secrets"].append({"keyId": key, "value": value, "endDateTime": ends})

    def certificate(self, app_id: str, name: str, days: float) -> None:
        """A certificate credential nobody has the private key of, ending `days` from now."""
        application = self.tables["applications"][object_id("application", app_id)]
        application["keyCredentials"].append(
            {
                "customKeyIdentifier": object_id("thumbprint", name).replace("-", "").upper() + "5A5A5A5A",
                "displayName": name,
                "endDateTime": self.day(days),
                "key": None,
                "keyId": object_id("certificate", f"{app_id}/{name}"),
                "startDateTime": self.day(days - 365),
                "type": "AsymmetricX509Cert",
                "usage": "Verify",
            }
        )

    def of(self, app_id: str) -> str:
        """The object id of the service principal of an application."""
        return object_id("servicePrincipal", app_id)

    def grant(self, client: str, resource: str, scope: str, user: str | None = None) -> str:
        """A delegated grant, to everyone or to one user; answers its id."""
        id = grant_id(client, resource, user)
        self.tables["oauth2PermissionGrants"][id] = {
            "id": id,
            "clientId": client,
            "consentType": "Principal" if user else "AllPrincipals",
            "principalId": user,
            "resourceId": resource,
            "scope": scope,
        }
        return id

    def assign(self, principal: str, resource: str, app_role: str = DEFAULT_ACCESS, days: float = -200) -> str:
        """An app role assignment; answers its id."""
        id = assignment_id(principal, resource, app_role)
        kind, name = self._named(principal)
        self.tables["appRoleAssignments"][id] = {
            "id": id,
            "deletedDateTime": None,
            "appRoleId": app_role,
            "createdDateTime": self.day(days),
            "principalDisplayName": name,
            "principalId": principal,
            "principalType": kind,
            "resourceDisplayName": self._named(resource)[1],
            "resourceId": resource,
        }
        return id

    def consent(self, client: str, wants: Wants) -> None:
        """Tenant-wide consent to all that is asked for: one grant per resource and every app role."""
        for app_id, (scopes, roles) in wants.items():
            scope = " ".join(scopes)
            if scope:
                self.grant(client, self.of(app_id), scope)
            for value in roles:
                self.assign(client, self.of(app_id), microsoft.resources()[app_id].role_id(value))

    def delete(self, principal: str, grants: Iterable[str], assignments: Iterable[str], days: float) -> None:
        """Move a service principal to the deleted items, with the consent that goes with it."""
        row = self.tables["servicePrincipals"].pop(principal)
        owners = self.tables["owners"].pop(principal, {"ids": []})["ids"]
        taken = {
            "oauth2PermissionGrants": [self.tables["oauth2PermissionGrants"].pop(id) for id in grants],
            "appRoleAssignments": [self.tables["appRoleAssignments"].pop(id) for id in assignments],
            "owners": owners,
        }
        typed = {"@odata.type": "#microsoft.graph.servicePrincipal", **row, "deletedDateTime": self.day(days)}
        self.tables["deletedItems"][principal] = {**typed, "_with": taken}

    def publish(self) -> None:
        """Keep what other tenants publish, so that an application deleted here can be consented to again.

        What each asks for is `_requiredResourceAccess`, taken from its tenant-wide consent where not given.
        """
        published = self.tables.setdefault("publishedApplications", {})
        for row in self.tables["servicePrincipals"].values():
            if row["appOwnerOrganizationId"] in (None, self.tenant.id, microsoft.OWNER):
                continue
            row.setdefault("_requiredResourceAccess", self._consented_access(row["id"]))
            published[row["appId"]] = {name: value for name, value in row.items() if name not in ("id", "notes")}

    def _consented_access(self, principal: str) -> list[dict[str, Any]]:
        wanted: dict[str, list[dict[str, str]]] = {}
        rows = self.tables["servicePrincipals"]
        for grant in self.tenant.grants_of_client(principal):
            if grant["consentType"] == "AllPrincipals" and grant["resourceId"] in rows:
                resource = rows[grant["resourceId"]]
                ids = {row["value"]: row["id"] for row in resource["oauth2PermissionScopes"]}
                known = [ids[value] for value in grant["scope"].split() if value in ids]
                wanted.setdefault(resource["appId"], []).extend({"id": id, "type": "Scope"} for id in known)
        for held in self.tenant.assignments_of_principal(principal):
            if held["resourceId"] in rows and held["appRoleId"] != DEFAULT_ACCESS:
                entry = {"id": held["appRoleId"], "type": "Role"}
                wanted.setdefault(rows[held["resourceId"]]["appId"], []).append(entry)
        return [{"resourceAppId": app_id, "resourceAccess": access} for app_id, access in wanted.items()]

    def _named(self, id: str) -> tuple[str, str]:
        for table, kind in (("users", "User"), ("groups", "Group"), ("servicePrincipals", "ServicePrincipal")):
            row = self.tables[table].get(id)
            if row is not None:
                return kind, row["displayName"]
        return "ServicePrincipal", "(deleted)"

    def _publisher(self, name: str | None) -> dict[str, Any]:
        if name is None:
            return dict.fromkeys(PUBLISHER)
        number = str(int(object_id("publisher", name)[:6], 16) + 1_000_000)
        return {"displayName": name, "verifiedPublisherId": number, "addedDateTime": self.day(-500)}
