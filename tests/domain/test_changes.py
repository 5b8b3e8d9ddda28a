"""What a change is, when two states are the same, and what takes a change back."""

from __future__ import annotations

import pytest

from toolkit.domain.changes import Change, Consent, Enterprise, Ownership, RoleGrant, Thing, described, same, to_come
from toolkit.domain.consent import AppRoleGrant, DelegatedGrant
from toolkit.domain.principals import ServicePrincipal

APP = Enterprise(id="sp-1", app_id="app-1", name="SMArtEmail", enabled=True)
BINNED = Enterprise(id="sp-1", app_id="app-1", name="SMArtEmail", enabled=True, where="bin")
GRANT = Consent(client_id="sp-1", resource_id="api", principal_id=None, scopes=("Mail.Read", "User.Read"), id="g1")
ROLE = RoleGrant(principal_id="sp-1", resource_id="api", app_role_id="role-1", id="r1")
OWNER = Ownership(object_id="sp-1", owner_id="lou")
THINGS: list[Thing] = [APP, GRANT, ROLE, OWNER]


def grant(scope: str | None) -> Consent:
    told = DelegatedGrant(id="g", client_id="sp-1", consent_type="AllPrincipals", resource_id="api", scope=scope)
    return Consent.of(told)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mail.Read User.Read", "User.Read Mail.Read"),
        ("Mail.Read User.Read", "mail.read USER.READ"),
        ("Mail.Read User.Read", "  Mail.Read   User.Read "),
        ("Mail.Read User.Read", "Mail.Read Mail.Read User.Read mail.read"),
        ("", "   "),
        ("", None),
    ],
)
def test_order_case_spaces_and_repetition_do_not_make_another_grant(one: str, other: str | None) -> None:
    assert grant(one).same_as(grant(other))
    assert grant(other).same_as(grant(one))


@pytest.mark.parametrize(("one", "other"), [("Mail.Read", "Mail.Read User.Read"), ("Mail.Read", ""), ("A.B", "A.BC")])
def test_other_scopes_make_another_grant(one: str, other: str) -> None:
    assert not grant(one).same_as(grant(other))
    assert not grant(other).same_as(grant(one))


def test_a_grant_for_one_person_is_not_the_grant_for_everyone() -> None:
    mine = Consent(client_id="sp-1", resource_id="api", principal_id="dana", scopes=GRANT.scopes)
    assert not mine.same_as(GRANT)


def test_ids_and_names_do_not_count_but_the_state_does() -> None:
    anew = Enterprise(id="sp-2", app_id="app-1", name="Renamed", enabled=True)
    assert APP.same_as(anew)
    assert not APP.same_as(BINNED)
    assert not APP.same_as(Enterprise(id="sp-1", app_id="app-1", name="SMArtEmail", enabled=False))
    assert not APP.same_as(Enterprise(id="sp-1", app_id="app-2", name="SMArtEmail", enabled=True))
    assert ROLE.same_as(RoleGrant(principal_id="sp-1", resource_id="api", app_role_id="role-1", id="other", role="X"))
    assert not ROLE.same_as(RoleGrant(principal_id="sp-1", resource_id="other api", app_role_id="role-1"))
    assert OWNER.same_as(Ownership(object_id="sp-1", owner_id="lou", owner="Lou"))
    assert not OWNER.same_as(Ownership(object_id="sp-1", owner_id="dana"))


@pytest.mark.parametrize("one", THINGS, ids=lambda thing: type(thing).__name__)
@pytest.mark.parametrize("other", THINGS, ids=lambda thing: type(thing).__name__)
def test_things_of_different_kinds_are_never_the_same(one: Thing, other: Thing) -> None:
    assert same(one, other) is (one is other)


def test_absence_is_the_same_as_absence_alone() -> None:
    assert same(None, None)
    assert not any(same(None, thing) or same(thing, None) for thing in THINGS)


def test_a_change_is_told_by_what_stands_before_and_after() -> None:
    assert Change(after=GRANT).operation == "create"
    assert Change(before=GRANT).operation == "delete"
    assert Change(before=APP, after=BINNED).operation == "update"
    assert Change(before=GRANT).subject is GRANT
    assert Change(before=APP, after=BINNED).subject is BINNED


def test_a_change_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="before or an after"):
        _ = Change().subject


@pytest.mark.parametrize("thing", [GRANT, ROLE, OWNER], ids=lambda thing: type(thing).__name__)
def test_the_reverse_of_granting_is_revoking(thing: Thing) -> None:
    assert Change(after=thing).reverse() == Change(before=thing)
    assert Change(before=thing).reverse() == Change(after=thing)
    assert Change(after=thing).way_back() == (Change(before=thing),)


def test_a_created_application_goes_back_into_the_bin() -> None:
    assert Change(after=APP).reverse() == Change(before=APP, after=BINNED)
    assert Change(after=APP).reverse().reverse() == Change(before=BINNED, after=APP)


def test_a_deleted_application_comes_back_first_and_then_what_went_with_it() -> None:
    back = Change(before=APP, after=BINNED, takes=(GRANT, ROLE, OWNER)).way_back()
    assert back == (Change(before=BINNED, after=APP), Change(after=GRANT), Change(after=ROLE), Change(after=OWNER))


def test_taking_back_twice_is_the_change_itself() -> None:
    change = Change(before=GRANT, after=Consent(client_id="sp-1", resource_id="api", principal_id=None, scopes=()))
    assert change.reverse().reverse() == change


def test_what_graph_did_not_say_about_sign_in_is_not_invented() -> None:
    assert Enterprise.of(ServicePrincipal(id="x", app_id="y")).enabled is None
    assert Enterprise.of(ServicePrincipal(id="x", app_id="y", account_enabled=False)).enabled is False


def test_an_assignment_without_a_role_name_is_named_by_its_id() -> None:
    told = AppRoleGrant(id="r", principal_id="p", resource_id="api", app_role_id="role-1", created_date_time=None)
    assert RoleGrant.of(told).role == "role-1"
    assert RoleGrant.of(told, role="Mail.Read").role == "Mail.Read"


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (APP, "SMArtEmail"),
        (GRANT, "Mail.Read, User.Read on api for everyone"),
        (grant(""), "an empty grant on api for everyone"),
        (ROLE, "role-1 of api for sp-1"),
        (OWNER, "owner lou"),
    ],
)
def test_a_thing_is_described_even_without_names(thing: Thing, words: str) -> None:
    assert described(thing) == words


def test_an_application_to_come_is_named_by_its_app_id() -> None:
    assert to_come("app-1") == "app:app-1"
