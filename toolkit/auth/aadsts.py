"""What the sign-in service's AADSTS codes mean and what an administrator can do about them.

Codes are those of https://learn.microsoft.com/entra/identity-platform/reference-error-codes and a few more that are
seen in practice; the words are this project's own. Codes may change, so they explain a failure, they never decide.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec


class Explanation(msgspec.Struct, frozen=True):
    """A sign-in failure in plain words: what it means, where it usually comes from, and what to do."""

    code: int
    meaning: str
    causes: tuple[str, ...]
    fix: str


_NAMED = re.compile(r"AADSTS(\d{4,8})(?!\d)", re.IGNORECASE)
_BARE = re.compile(r"\s*(\d{4,8})\s*")


def explain(text_or_code: str | int) -> Explanation | None:
    """The meaning of a code, or of the first code with a known meaning in a message; None when there is none.

    A number counts as a code if it stands alone or behind `AADSTS`; other numbers in a message do not.
    """
    text = str(text_or_code)
    bare = _BARE.fullmatch(text)
    codes = [bare[1]] if bare else _NAMED.findall(text)
    known = _by_code()
    return next((known[int(code)] for code in codes if int(code) in known), None)


@cache
def _by_code() -> dict[int, Explanation]:
    return {explanation.code: explanation for explanation in _EXPLANATIONS}


_EXPLANATIONS = (
    # --- consent
    Explanation(
        65001,
        "Nobody has consented to what the app asks for.",
        (
            "consent was never given or has been revoked",
            "the app now asks for a permission that was not in the old consent",
            "the consent covers other people, or another tenant",
        ),
        "compare what is granted (`entrakit consent show APP`) with what the app needs, then consent as an"
        " administrator at the address from `entrakit consent url APP`",
    ),
    Explanation(
        65004,
        "The person was asked to consent and declined.",
        ("the person pressed Cancel", "the requested permissions looked like too much"),
        "have the person sign in again and accept, or consent for everyone at the address from"
        " `entrakit consent url APP`",
    ),
    Explanation(
        90094,
        "The app asks for permissions that only an administrator can consent to.",
        ("people may not consent to apps in this tenant", "a permission of the app always needs an administrator"),
        "check that you may consent (`entrakit roles check --me`), then do so at the address from"
        " `entrakit consent url APP`",
    ),
    Explanation(
        90095,
        "The person has to ask an administrator for consent and was shown the request form.",
        ("people may not consent to this app, and the admin consent workflow is on",),
        "review the pending request, or consent at the address from `entrakit consent url APP`",
    ),
    Explanation(
        650051,
        "The consent could not be stored in the tenant.",
        (
            "a service principal with the same identifier is there already or is just being created",
            "the list of scopes is too long for one grant",
        ),
        "look for a duplicate with `entrakit apps show APP`, wait a few minutes and consent again, with fewer scopes"
        " if it stays",
    ),
    # --- the app and what it calls
    Explanation(
        650052,
        "The app needs a service that this organization has not subscribed to or enabled.",
        ("a licence is missing", "the service has no service principal in this tenant"),
        "license or enable the service, then consent again at the address from `entrakit consent url APP`",
    ),
    Explanation(
        650054,
        "The app asks for permissions on an API that was removed or is no longer available here.",
        ("the API was deleted or retired", "the app's list of permissions is out of date"),
        "see which API is gone with `entrakit consent show APP` and have the publisher drop or replace it",
    ),
    Explanation(
        500011,
        "The API that the app wants a token for does not exist in this tenant.",
        (
            "the API's service principal was deleted or never created",
            "the resource or scope is mistyped",
            "the request went to the wrong tenant",
        ),
        "check the tenant and the resource, and look the API up with `entrakit apps show APP`; if it is missing,"
        " restore it or consent to it",
    ),
    Explanation(
        700016,
        "The app that wants to sign in does not exist in this tenant.",
        (
            "its enterprise application was deleted",
            "nobody in this tenant ever consented to it",
            "the client id or the tenant is wrong",
        ),
        "look it up with `entrakit apps show APP`; restore it if it was deleted within 30 days, otherwise consent at"
        " the address from `entrakit consent url APP`",
    ),
    Explanation(
        7000112,
        "The app is disabled in this tenant.",
        ("an administrator turned off sign-in for it", "Microsoft disabled it because of abuse"),
        "find out who disabled it and why, see `entrakit apps show APP`, and enable it again only if it is trusted",
    ),
    Explanation(
        50105,
        "The person is not assigned to the app, and the app admits only those who are.",
        ("neither the person nor a group they are directly in is assigned", "the assignment was removed"),
        "assign the person or a group to the app; `entrakit apps show APP` tells whether assignment is required",
    ),
    # --- the app's own credentials
    Explanation(
        7000215,
        "The app's client secret is wrong.",
        (
            "the id of the secret was used instead of its value",
            "the secret was deleted or belongs to another app",
            "the value was cut off or escaped when it was copied",
        ),
        "enter the secret's value again, or create a new secret; `entrakit apps show APP` lists which exist",
    ),
    Explanation(
        7000222,
        "The app's client secret has expired.",
        ("nobody replaced the secret before its end date",),
        "create a new secret or, better, a certificate and put it where the app reads it; `entrakit apps show APP`"
        " shows the end dates",
    ),
    Explanation(
        700027,
        "The app's certificate or signed assertion was not accepted.",
        (
            "the certificate is not, or no longer, registered with the app",
            "the certificate has expired",
            "the private key does not belong to the registered certificate",
        ),
        "compare the thumbprint in use with those in `entrakit apps show APP` and register the current certificate",
    ),
    Explanation(
        7000218,
        "The app has to prove who it is, and no secret or certificate was sent.",
        (
            "the app is registered as confidential but signs in as a public client",
            "public client flows, which device code sign-in needs, are not allowed for the app",
        ),
        "allow public client flows in the app registration, or give the app its secret or certificate",
    ),
    # --- tokens that ended
    Explanation(
        70043,
        "The saved sign-in has ended because Conditional Access demands a fresh one every so often.",
        ("a sign-in frequency policy covers this person and app",),
        "sign in again; for unattended work use an app's own credentials or exclude the account on purpose",
    ),
    Explanation(
        700082,
        "The saved sign-in was unused for too long and has expired.",
        ("the app did not renew its token within the inactivity limit, 90 days by default",),
        "sign in again and let the app run often enough to renew its token",
    ),
    Explanation(
        50173,
        "The saved sign-in was revoked.",
        ("the password was changed or reset", "an administrator or the person ended all sessions"),
        "sign in again; if nobody here caused it, look in the audit log for who reset the password or ended sessions",
    ),
    # --- more proof is wanted
    Explanation(
        50074,
        "Multifactor authentication is required and was not passed.",
        ("a policy demands it", "the person did not answer the prompt"),
        "sign in again interactively and complete multifactor authentication",
    ),
    Explanation(
        50076,
        "Multifactor authentication is required here, and this sign-in did not include it.",
        ("a policy was added or changed", "the person signs in from a new place", "the flow cannot ask for it"),
        "sign in interactively and complete multifactor authentication; unattended work needs an app's own credentials",
    ),
    Explanation(
        50079,
        "The person has to register for multifactor authentication first.",
        ("a policy demands it and no method is registered", "a federated sign-in did not report it"),
        "have the person register a method at their security info page, or issue a temporary access pass",
    ),
    Explanation(
        50158,
        "A further check outside Entra ID was demanded and not passed.",
        ("Conditional Access asks for an external multifactor provider, terms of use or a custom control",),
        "sign in interactively and complete the extra step; the sign-in log names the policy",
    ),
    Explanation(
        53000,
        "Only compliant devices are let in, and this one is not.",
        ("the device is not managed", "the device breaks a compliance rule"),
        "use a compliant device or enrol this one; Intune shows which rule it breaks",
    ),
    Explanation(
        53001,
        "Only devices joined to the organization's domain are let in, and this one is not.",
        ("the device is not joined, or the browser does not pass its identity on",),
        "use a joined device; the sign-in log names the policy",
    ),
    Explanation(
        53002,
        "Only approved apps are let in, and this one is not on the list.",
        ("Conditional Access asks for an approved client app",),
        "use an approved app, or change the policy that the sign-in log names",
    ),
    Explanation(
        53003,
        "Conditional Access blocks this sign-in.",
        ("a policy forbids the place, the device, the app or the flow, device code sign-in among them",),
        "find the policy in the sign-in log under Conditional Access and change it or sign in the way it allows",
    ),
    # --- the person
    Explanation(
        50020,
        "The account belongs to another tenant or provider and is not a guest here.",
        ("the wrong account was picked", "the app was sent to the wrong tenant", "the guest was removed"),
        "sign in with an account of this tenant, or invite this one as a guest",
    ),
    Explanation(
        16000,
        "The account is not known in this tenant, so the person has to choose another one.",
        ("a personal or foreign account was picked", "the browser is signed in with several accounts"),
        "sign out, or use a private window, and sign in with an account of this tenant; invite the account if it"
        " belongs here",
    ),
    Explanation(
        50034,
        "There is no such account in this tenant.",
        ("the name is mistyped", "the account was deleted", "the sign-in went to the wrong tenant"),
        "check the user name and the tenant; restore the account if it was deleted within 30 days",
    ),
    Explanation(
        50126,
        "The user name or password is wrong.",
        ("it was mistyped or is out of date", "password hashes are not synchronized from on-premises"),
        "enter them again, or reset the password; many of these from strange places point to an attack",
    ),
    Explanation(
        50053,
        "The account is locked for a while, or the address it comes from is considered malicious.",
        ("too many wrong passwords", "an attack on the account"),
        "look in the sign-in log for where the attempts come from, then wait or reset the password",
    ),
    Explanation(
        50055,
        "The password has expired.",
        ("the password is older than the policy allows",),
        "have the person change the password at an interactive sign-in",
    ),
    Explanation(
        50057,
        "The account is disabled.",
        ("an administrator or the on-premises directory disabled it",),
        "find out why it is disabled and enable it if that was a mistake",
    ),
    # --- the tenant and the cloud
    Explanation(
        90002,
        "There is no such tenant in this cloud.",
        ("the tenant id or domain is mistyped", "the tenant lives in another cloud", "the tenant was deleted"),
        "check the tenant id or domain and the cloud",
    ),
    Explanation(
        900023,
        "The tenant was given as something that is neither an id nor a domain name.",
        ("a display name, a mistyped domain or an unfilled placeholder was given",),
        "give the tenant's id or one of its verified domains",
    ),
    Explanation(
        50059,
        "The request does not say which tenant it is for.",
        ("an app signs in with its own credentials at a shared address such as `common`", "the tenant is not set"),
        "name the tenant by its id or domain",
    ),
    Explanation(
        50049,
        "The sign-in host is not one that the sign-in service knows.",
        ("the authority address is mistyped", "the address is of another cloud"),
        "check the authority address and the cloud",
    ),
    # --- the request
    Explanation(
        70011,
        "The app asked for a scope that is not valid.",
        ("the scope is mistyped", "scopes of several APIs, or `.default` and others, are mixed in one request"),
        "correct the scope; `entrakit consent show APP` lists the scopes that are granted",
    ),
    Explanation(
        9002313,
        "The request was malformed.",
        ("a parameter is missing, empty or sent twice", "a token or code was cut off when it was copied"),
        "try again from the start; if it stays, report it to the app's publisher with the trace id",
    ),
    Explanation(
        900144,
        "A required part of the request is missing; the message names it.",
        ("a setting of the app is empty", "the app builds its request wrongly"),
        "fill in the named setting, or report it to the app's publisher",
    ),
    # --- device codes
    Explanation(
        70016,
        "The device code has not been confirmed yet; this is normal while waiting.",
        ("nobody has entered the code and signed in so far",),
        "open the shown address, enter the code and sign in",
    ),
    Explanation(
        70018,
        "The code that was entered is not valid.",
        ("the code was mistyped", "the code is from an earlier attempt or has expired"),
        "start again and enter the new code",
    ),
    Explanation(
        70020,
        "The device code has expired before anybody confirmed it.",
        ("nobody signed in within the code's lifetime, usually 15 minutes",),
        "start again and enter the new code in time",
    ),
)
