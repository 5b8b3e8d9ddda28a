"""Which tenant is meant, how to sign in to it, and where its services are; nothing is guessed."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from toolkit.errors import BadUsage
from toolkit.settings import CLOUDS, Choice, RealTenant, SandboxTenant, choose_tenant, load_profiles

PROFILES = {"work": {"tenant": "work.example", "sign_in": "device-code"}, "lab": {"tenant": "sandbox"}, "bare": {}}


def chosen(
    env: dict[str, str] | None = None,
    *,
    sandbox: bool = False,
    tenant: str | None = None,
    profile: str | None = None,
    sign_in: str | None = None,
    client_id: str | None = None,
    cloud: str | None = None,
    graph_endpoint: str | None = None,
) -> SandboxTenant | RealTenant | None:
    choice = Choice(
        sandbox=sandbox,
        tenant=tenant,
        profile=profile,
        sign_in=sign_in,
        client_id=client_id,
        cloud=cloud,
        graph_endpoint=graph_endpoint,
    )
    return choose_tenant(choice, env or {}, PROFILES)


def real(env: dict[str, str] | None = None, tenant: str | None = "contoso.example", **options: str) -> RealTenant:
    found = chosen(env, tenant=tenant, **options)  # pyright: ignore[reportArgumentType]
    assert isinstance(found, RealTenant)
    return found


def name_of(found: SandboxTenant | RealTenant | None) -> str | None:
    return "sandbox" if isinstance(found, SandboxTenant) else found and found.tenant


NAMED_BY = ("--tenant", "--profile", "ENTRAKIT_TENANT", "ENTRAKIT_PROFILE", "AZURE_TENANT_ID", "TENANT_ID")
NAMES = ("flag.example", "work.example", "env.example", "work.example", "azure.example", "old.example")
EVERY_COMBINATION = [
    [name for name, is_there in zip(NAMED_BY, present, strict=True) if is_there]
    for present in product((False, True), repeat=len(NAMED_BY))
]


@pytest.mark.parametrize("named", EVERY_COMBINATION, ids=lambda named: " and ".join(named) or "nothing")
def test_the_most_deliberate_name_wins(named: list[str]) -> None:
    given = dict(zip(NAMED_BY, NAMES, strict=True))
    env = {name: given[name] for name in named if not name.startswith("--")}
    if "ENTRAKIT_PROFILE" in env:
        env["ENTRAKIT_PROFILE"] = "work"
    found = chosen(
        env,
        tenant=given["--tenant"] if "--tenant" in named else None,
        profile="work" if "--profile" in named else None,
    )
    expected = next((given[name] for name in NAMED_BY if name in named), None)
    assert name_of(found) == expected
    assert not isinstance(found, SandboxTenant)


@pytest.mark.parametrize(
    ("options", "env"),
    [
        ({"sandbox": True}, {}),
        ({"tenant": "sandbox"}, {}),
        ({}, {"ENTRAKIT_TENANT": "sandbox"}),
        ({"profile": "lab"}, {}),
        ({}, {"ENTRAKIT_PROFILE": "lab"}),
        ({"profile": "bare"}, {"ENTRAKIT_TENANT": "sandbox"}),
        ({"sandbox": True}, {"ENTRAKIT_TENANT": "contoso.example", "AZURE_TENANT_ID": "contoso.example"}),
        ({"tenant": "sandbox"}, {"ENTRAKIT_PROFILE": "work", "AZURE_CLIENT_SECRET": "s", "AZURE_CLIENT_ID": "c"}),
        ({}, {"ENTRAKIT_TENANT": "sandbox", "ENTRAKIT_PROFILE": "work", "AZURE_TENANT_ID": "contoso.example"}),
    ],
)
def test_the_sandbox_is_chosen_where_somebody_names_it(options: dict[str, object], env: dict[str, str]) -> None:
    assert chosen(env, **options) == SandboxTenant()  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("options", "env"),
    [
        ({}, {}),
        ({"sign_in": "client-secret"}, {}),
        ({"client_id": "c"}, {"AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}),
        ({"cloud": "china"}, {"ENTRAKIT_CLOUD": "china"}),
        ({"profile": "bare"}, {}),
        ({}, {"ENTRAKIT_SANDBOX_USER": "alex@contoso.example"}),
        ({}, {"ENTRAKIT_TENANT": "", "AZURE_TENANT_ID": "  "}),
    ],
)
def test_where_no_tenant_is_named_none_is_chosen(options: dict[str, str], env: dict[str, str]) -> None:
    assert chosen(env, **options) is None  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "options",
    [
        {"sandbox": True, "tenant": "contoso.example"},
        {"sandbox": True, "profile": "work"},
        {"profile": "nowhere"},
        {"tenant": "contoso.example", "cloud": "mars"},
        {"tenant": "contoso.example", "sign_in": "telepathy"},
        {"tenant": "contoso.example/evil?x"},
        {"tenant": "../common"},
        {"tenant": "Contoso Ltd"},
        {"tenant": "contoso.example", "graph_endpoint": "graph.microsoft.com"},
        {"tenant": "contoso.example", "graph_endpoint": "ftp://graph.microsoft.com"},
        {"tenant": "contoso.example", "graph_endpoint": "http://graph.microsoft.com/v1.0"},
        {"tenant": "contoso.example", "graph_endpoint": "https://[::1"},
        {"tenant": "contoso.example", "graph_endpoint": "https://host:port/v1.0"},
        {"tenant": "contoso.example", "graph_endpoint": "https://me:secret@graph.microsoft.com"},
    ],
    ids=lambda options: " ".join(map(str, options.values())),
)
def test_what_cannot_be_meant_is_a_usage_error(options: dict[str, object]) -> None:
    with pytest.raises(BadUsage):
        chosen(**options)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("authority", ["http://login.example", "https://", "ftp://login.example", "https://[::1"])
def test_credentials_are_sent_over_tls_to_a_host_or_not_at_all(authority: str) -> None:
    with pytest.raises(BadUsage):
        real({"AZURE_AUTHORITY_HOST": authority})


@pytest.mark.parametrize("text", ["login.example", "https://login.example", "https://login.example/"])
def test_the_sign_in_host_is_written_with_or_without_https(text: str) -> None:
    assert real({"AZURE_AUTHORITY_HOST": text}).authority == "https://login.example"


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("https://graph.example", "https://graph.example/v1.0"),
        ("https://graph.example/", "https://graph.example/v1.0"),
        ("https://graph.example/v1.0/", "https://graph.example/v1.0"),
        ("https://graph.example:8443/beta", "https://graph.example:8443/beta"),
        ("http://localhost:5000", "http://localhost:5000/v1.0"),
        ("http://127.0.0.1/v1.0", "http://127.0.0.1/v1.0"),
        ("http://[::1]:5000", "http://[::1]:5000/v1.0"),
    ],
)
def test_a_graph_endpoint_is_a_host_and_a_version(text: str, endpoint: str) -> None:
    assert real({"ENTRAKIT_GRAPH_ENDPOINT": text}).graph_endpoint == endpoint
    assert real({"ENTRAKIT_GRAPH_ENDPOINT": "https://other.example"}, graph_endpoint=text).graph_endpoint == endpoint


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("global", "login.microsoftonline.com", "graph.microsoft.com"),
        ("usgov", "login.microsoftonline.us", "graph.microsoft.us"),
        ("usgovdod", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_each_cloud_has_its_own_sign_in_host_graph_and_scope(cloud: str, login: str, graph: str) -> None:
    for found in (real(cloud=cloud), real({"ENTRAKIT_CLOUD": cloud})):
        assert (found.cloud.login_host, found.cloud.graph_host) == (login, graph)
        assert found.cloud.scope == f"https://{graph}/.default"
    assert len({known.scope for known in CLOUDS.values()}) == len(CLOUDS) == 4


@pytest.mark.parametrize(
    ("env", "options", "method"),
    [
        ({}, {}, "default"),
        ({"AZURE_CLIENT_ID": "c"}, {}, "default"),
        ({"AZURE_CLIENT_SECRET": "s"}, {}, "client-secret"),
        ({"CLIENT_SECRET": "s"}, {}, "client-secret"),
        ({"AZURE_CLIENT_CERTIFICATE_PATH": "p"}, {}, "certificate"),
        ({"AZURE_CLIENT_CERTIFICATE_PATH": "p", "AZURE_CLIENT_SECRET": "s"}, {}, "client-secret"),
        ({"AZURE_CLIENT_SECRET": " "}, {}, "default"),
        ({"AZURE_CLIENT_SECRET": "s", "ENTRAKIT_SIGN_IN": "default"}, {}, "default"),
        ({"AZURE_CLIENT_SECRET": "s", "ENTRAKIT_SIGN_IN": "default"}, {"sign_in": "device-code"}, "device-code"),
        ({"AZURE_CLIENT_SECRET": "s", "ENTRAKIT_SIGN_IN": "default"}, {"profile": "work"}, "device-code"),
    ],
)
def test_the_way_to_sign_in_follows_from_what_is_set(env: dict[str, str], options: dict[str, str], method: str) -> None:
    assert real(env, **options).method == method


def test_the_client_id_is_the_options_or_the_environments_by_its_new_or_old_name() -> None:
    assert real({"CLIENT_ID": "old"}).client_id == "old"
    assert real({"CLIENT_ID": "old", "AZURE_CLIENT_ID": "new"}).client_id == "new"
    assert real({"AZURE_CLIENT_ID": "new"}, client_id="typed").client_id == "typed"
    assert real().client_id is None


def test_secrets_do_not_become_part_of_the_settings() -> None:
    assert "hunter2" not in repr(real({"AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "hunter2"}))


# --- the configuration file


def test_profiles_are_tables_of_the_configuration_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[profile.work]\ntenant = "work.example"\ncloud = "usgov"\n[other]\nx = 1\n', encoding="utf-8")
    assert load_profiles(file) == {"work": {"tenant": "work.example", "cloud": "usgov"}}
    assert load_profiles(tmp_path / "nowhere.toml") == {}


@pytest.mark.parametrize("text", ["[profile", "profile = 1", "profile = ['work']", "[profile]\nwork = 'x'", "\udcff"])
def test_a_broken_configuration_file_is_a_usage_error_that_names_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadUsage, match=r"config\.toml"):
        load_profiles(file)
