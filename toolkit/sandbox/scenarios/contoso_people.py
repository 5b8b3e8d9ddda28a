"""Contoso's users and groups."""

from toolkit.sandbox.scenarios.draft import Draft
from toolkit.sandbox.scenarios.ids import object_id

DOMAIN = "contoso.example"
ADMIN = f"admin@{DOMAIN}"
DANA = f"dana@{DOMAIN}"
LOU = f"lou@{DOMAIN}"
DORA = f"dora@{DOMAIN}"
GUEST = "gil_partner.example#EXT#@contoso.onmicrosoft.com"
BREAK_GLASS = "breakglass@contoso.onmicrosoft.com"

_PEOPLE = (
    (ADMIN, "Alex Admin", "Head of Workplace"),
    (BREAK_GLASS, "Break Glass", ""),
    (DANA, "Dana Dispatcher", "OpCon operator"),
    (LOU, "Lou Weber", "Business applications"),
    (f"priya@{DOMAIN}", "Priya Raman", "Cloud engineer"),
    (f"evan@{DOMAIN}", "Evan Eklund", "Cloud engineer"),
    (f"grace@{DOMAIN}", "Grace Okafor", "Security analyst"),
    (f"rita@{DOMAIN}", "Rita Moreau", "Security analyst"),
    (f"gustav@{DOMAIN}", "Gustav Lind", "Infrastructure"),
    (f"petra@{DOMAIN}", "Petra Novak", "Infrastructure"),
    (f"uma@{DOMAIN}", "Uma Castillo", "Service desk Lisbon"),
    (f"anna@{DOMAIN}", "Anna Apps", "Application owner"),
    (f"arne@{DOMAIN}", "Arne Apps", "Application owner"),
    (f"cleo.cloud@{DOMAIN}", "Cleo Cloud", "Application owner"),
    (f"prue@{DOMAIN}", "Prue Privileges", "Identity governance"),
    (f"reader@{DOMAIN}", "Remy Reader", "Internal audit"),
    (f"ursula@{DOMAIN}", "Ursula Brandt", "Service desk"),
    (f"omar@{DOMAIN}", "Omar Haddad", "OpCon operator"),
    (f"olga@{DOMAIN}", "Olga Petrova", "OpCon operator"),
    (f"finn@{DOMAIN}", "Finn Andersen", "Finance"),
    (f"mei@{DOMAIN}", "Mei Tanaka", "Marketing"),
    (f"o.brien@{DOMAIN}", "Shay O'Brien", "Sales"),
    (f"zoë@{DOMAIN}", "Zoë Łukasik", "Sales"),
)


def person(name: str) -> str:
    """The object id of a user by the part before the domain, or by the whole user principal name."""
    return object_id("user", name if "@" in name else f"{name}@{DOMAIN}")


def team(display_name: str) -> str:
    """The object id of a group."""
    return object_id("group", display_name)


def add_people(draft: Draft) -> None:
    """Users of every kind and the groups they are in."""
    for upn, name, job in _PEOPLE:
        draft.user(upn, name, job=job)
    draft.user(DORA, "Dora Departed", enabled=False, job="Former administrator")
    draft.user(GUEST, "Gil Guest", guest=True)
    draft.group("OpCon Operators", [person("omar"), person("olga")], [person("lou")])
    draft.group("Human Resources", [person("finn"), person("mei")])
    draft.group("Sales Emea", [person("o.brien"), person("zoë")])
    draft.group("Sales", [team("Sales Emea"), person("mei")])
    draft.group("Tier 0 Administrators", [person("gustav")], [person("prue")], role_assignable=True)
    draft.group("Tier 0 Responders", [person("grace"), person("rita")], role_assignable=True)
