"""Graph's JSON shapes of an organization, a group and a registered application, and the parts of the latter."""

from collections.abc import Iterable, Mapping
from typing import Any

from toolkit.sandbox.scenarios import microsoft
from toolkit.sandbox.scenarios.ids import object_id

Wants = Mapping[str, tuple[Iterable[str], Iterable[str]]]
"""What an application asks for: resource appId → (delegated values, application values)."""

INFO = ("logoUrl", "marketingUrl", "privacyStatementUrl", "supportUrl", "termsOfServiceUrl")
PUBLISHER = ("displayName", "verifiedPublisherId", "addedDateTime")
_PLANS = (
    ("exchange", "efb87545-963c-4e0d-99df-69c6916d9eb0"),
    ("AADPremiumService", "41781fb2-bc02-4b7c-bd55-b576c07bb09d"),
    ("AADPremiumService", "eec0eb4f-6444-4f95-aba0-50c24d67f998"),
)


def organization(id: str, display_name: str, names: list[str], country: str, since: str) -> dict[str, Any]:
    """The tenant's own object; the first of its domains is the initial one, the last the default one."""
    return {
        "id": id,
        "deletedDateTime": None,
        "businessPhones": [],
        "city": None,
        "country": None,
        "countryLetterCode": country,
        "createdDateTime": since,
        "defaultUsageLocation": None,
        "displayName": display_name,
        "isMultipleDataLocationsForServicesEnabled": None,
        "marketingNotificationEmails": [],
        "onPremisesLastSyncDateTime": None,
        "onPremisesSyncEnabled": None,
        "partnerTenantType": None,
        "postalCode": None,
        "preferredLanguage": "en",
        "privacyProfile": None,
        "securityComplianceNotificationMails": [],
        "securityComplianceNotificationPhones": [],
        "state": None,
        "street": None,
        "technicalNotificationMails": [],
        "tenantType": "AAD",
        "assignedPlans": [_plan(service, plan, since) for service, plan in _PLANS],
        "provisionedPlans": [],
        "verifiedDomains": [_domain(name, name == names[0], name == names[-1]) for name in names],
    }


def security_group(id: str, display_name: str, since: str, role_assignable: bool) -> dict[str, Any]:
    """A security group with assigned members."""
    return {
        "id": id,
        "deletedDateTime": None,
        "classification": None,
        "createdDateTime": since,
        "creationOptions": [],
        "description": None,
        "displayName": display_name,
        "expirationDateTime": None,
        "groupTypes": [],
        "isAssignableToRole": role_assignable,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": "".join(letter for letter in display_name if letter.isalnum()),
        "membershipRule": None,
        "membershipRuleProcessingState": None,
        "onPremisesSyncEnabled": None,
        "preferredLanguage": None,
        "proxyAddresses": [],
        "renewedDateTime": since,
        "resourceBehaviorOptions": [],
        "resourceProvisioningOptions": [],
        "securityEnabled": True,
        "securityIdentifier": None,
        "theme": None,
        "visibility": "Private" if role_assignable else None,
    }


def registration(
    id: str,
    display_name: str,
    app_id: str,
    *,
    since: str,
    wants: Wants,
    replies: list[str],
    public: bool,
    roles: list[dict[str, Any]],
    scopes: list[dict[str, Any]],
    names: Iterable[str],
) -> dict[str, Any]:
    """An application object, without credentials."""
    return {
        "id": id,
        "deletedDateTime": None,
        "addIns": [],
        "api": {
            "acceptMappedClaims": None,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": None,
            "oauth2PermissionScopes": scopes,
            "preAuthorizedApplications": [],
        },
        "appId": app_id,
        "applicationTemplateId": None,
        "appRoles": roles,
        "certification": None,
        "createdDateTime": since,
        "defaultRedirectUri": None,
        "description": None,
        "disabledByMicrosoftStatus": None,
        "displayName": display_name,
        "groupMembershipClaims": None,
        "identifierUris": [name for name in names if "://" in name],
        "info": dict.fromkeys(INFO),
        "isDeviceOnlyAuthSupported": None,
        "isFallbackPublicClient": True if public else None,
        "keyCredentials": [],
        "notes": None,
        "optionalClaims": None,
        "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
        "passwordCredentials": [],
        "publicClient": {"redirectUris": replies if public else []},
        "publisherDomain": "contoso.example",
        "requestSignatureVerification": None,
        "requiredResourceAccess": required_access(wants),
        "samlMetadataUrl": None,
        "serviceManagementReference": None,
        "servicePrincipalLockConfiguration": None,
        "signInAudience": "AzureADMyOrg",
        "spa": {"redirectUris": []},
        "tags": [],
        "tokenEncryptionKeyId": None,
        "verifiedPublisher": dict.fromkeys(PUBLISHER),
        "web": {
            "homePageUrl": None,
            "logoutUrl": None,
            "redirectUris": [] if public else replies,
            "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
        },
    }


def required_access(wants: Wants) -> list[dict[str, Any]]:
    """`requiredResourceAccess` of an application that asks for `wants`."""
    return [
        {
            "resourceAppId": app_id,
            "resourceAccess": [
                *({"id": microsoft.resources()[app_id].scope_id(v), "type": "Scope"} for v in scopes),
                *({"id": microsoft.resources()[app_id].role_id(v), "type": "Role"} for v in roles),
            ],
        }
        for app_id, (scopes, roles) in wants.items()
    ]


def app_role(app_id: str, value: str, *members: str) -> dict[str, Any]:
    """An app role that a line-of-business API defines."""
    return {
        "allowedMemberTypes": list(members),
        "description": value,
        "displayName": value,
        "id": object_id("appRole", f"{app_id}/{value}"),
        "isEnabled": True,
        "origin": "Application",
        "value": value,
    }


def permission_scope(app_id: str, value: str) -> dict[str, Any]:
    """A delegated permission that a line-of-business API publishes."""
    return {
        "adminConsentDescription": value,
        "adminConsentDisplayName": value,
        "id": object_id("scope", f"{app_id}/{value}"),
        "isEnabled": True,
        "type": "User",
        "userConsentDescription": value,
        "userConsentDisplayName": value,
        "value": value,
    }


def _plan(service: str, plan: str, since: str) -> dict[str, Any]:
    return {
        "assignedDateTime": since,
        "capabilityStatus": "Enabled",
        "service": service,
        "servicePlanId": plan,
    }


def _domain(name: str, initial: bool, default: bool) -> dict[str, Any]:
    return {
        "capabilities": "Email, OfficeCommunicationsOnline",
        "isDefault": default,
        "isInitial": initial,
        "name": name,
        "type": "Managed",
    }
