"""Who administers Contoso: every way there is of holding Global Administrator, and the roles beside it."""

from toolkit.sandbox.scenarios.contoso_own import LEGACY_AUTOMATION
from toolkit.sandbox.scenarios.contoso_people import ADMIN, BREAK_GLASS, DORA, GUEST, person, team
from toolkit.sandbox.scenarios.draft import Draft
from toolkit.sandbox.scenarios.ids import object_id
from toolkit.sandbox.scenarios.roles import Roles

GLOBAL = "Global Administrator"
LISBON = f"/administrativeUnits/{object_id('administrativeUnit', 'Lisbon')}"


def add_roles(draft: Draft) -> None:
    """All directory role assignments and eligibilities."""
    roles = Roles(draft)
    _global_administrators(draft, roles)
    roles.standing("User Administrator", person("uma"), LISBON)
    roles.standing("User Administrator", person("ursula"))
    roles.standing("Application Administrator", person("anna"))
    roles.standing("Application Administrator", person("arne"))
    roles.standing("Cloud Application Administrator", person("cleo.cloud"))
    roles.standing("Privileged Role Administrator", person("prue"))
    roles.eligible("Privileged Role Administrator", person("evan"))
    roles.standing("Directory Readers", person("reader"))
    roles.standing("Global Reader", person("reader"))


def _global_administrators(draft: Draft, roles: Roles) -> None:
    administrators, responders = team("Tier 0 Administrators"), team("Tier 0 Responders")
    for upn in (ADMIN, BREAK_GLASS, GUEST, DORA):
        roles.standing(GLOBAL, person(upn))
    roles.standing(GLOBAL, draft.of(LEGACY_AUTOMATION))
    roles.standing(GLOBAL, administrators)
    roles.eligible(GLOBAL, person("priya"))
    roles.activated(GLOBAL, person("priya"), hours=3)
    roles.eligible(GLOBAL, person("evan"), days=None)
    roles.eligible(GLOBAL, responders)
    roles.activated(GLOBAL, person("rita"), hours=1.5, through=responders)
    roles.eligible_for_group(administrators, person("petra"))
    roles.assigned_to_group(administrators, person("gustav"))
    roles.assigned_to_group(administrators, person("prue"), "owner")
