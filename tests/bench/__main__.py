"""`python -m tests.bench`: the figures of docs/explanation/performance.md, measured in one run."""

from __future__ import annotations

import sys
import tempfile
import time

import msgspec

from tests.bench.processes import measured, sandbox_environment
from tests.bench.served import PIPELINE_CLIENT, PIPELINE_SECRET, served
from toolkit.domain.principals import ServicePrincipal

PYTHON = sys.executable
ENTRAKIT = [PYTHON, "-m", "toolkit"]
APPLICATIONS = 10_000

BARE_LOOP = f"""
import httpx, os, ssl
context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
with httpx.Client(verify=context) as client:
    token = client.post(
        os.environ["AZURE_AUTHORITY_HOST"] + "/" + os.environ["AZURE_TENANT_ID"] + "/oauth2/v2.0/token",
        data=dict(client_id="{PIPELINE_CLIENT}", client_secret="{PIPELINE_SECRET}", grant_type="client_credentials",
                  scope="https://graph.microsoft.com/.default"),
    ).json()["access_token"]
    client.headers["Authorization"] = "Bearer " + token
    url = os.environ["ENTRAKIT_GRAPH_ENDPOINT"] + (
        "/servicePrincipals?$top=999&$select=id,appId,displayName,accountEnabled,appOwnerOrganizationId,"
        "servicePrincipalType,verifiedPublisher"
    )
    found = []
    while url:
        page = client.get(url).raise_for_status().json()
        found += page["value"]
        url = page.get("@odata.nextLink")
assert len(found) >= {APPLICATIONS}
"""

Row = tuple[str, str, str]


def main() -> None:
    """Measure and print one markdown table."""
    rows = [*start_up(), *on_the_sandbox(), decoding(), *large_list()]
    print("| what | measured | wanted |\n| --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def start_up() -> list[Row]:
    """How long `--help` takes, beside an import of typer."""
    ours = measured([*ENTRAKIT, "--help"])
    typer = measured([PYTHON, "-c", "import typer"])
    ratio = ours.wall / typer.wall
    return [("`entrakit --help`", f"{ours.wall:.3f} s; {ratio:.2f} × `import typer`", "≤ 0.15 s; ≤ 2 ×")]


def on_the_sandbox() -> list[Row]:
    """Whole processes on the embedded tenant."""
    with tempfile.TemporaryDirectory() as folder:
        env = sandbox_environment(folder)
        shown = measured([*ENTRAKIT, "apps", "show", "SMArtEmail"], env)
        consent = measured([*ENTRAKIT, "consent", "show", "SMArtEmail"], env)
    return [
        ("`apps show SMArtEmail`, sandbox", f"{shown.wall:.2f} s", "≤ 0.5 s"),
        ("`consent show SMArtEmail`, sandbox", f"{consent.wall:.2f} s", "≤ 0.5 s"),
    ]


def decoding() -> Row:
    """How many service principals a second come from the wire into structs."""
    from toolkit.graph.pages import Page

    one = (
        '{"id":"0ec7cb25-5d7d-4f1f-9d3c-000000000000","appId":"1ec7cb25-5d7d-4f1f-9d3c-000000000000","displayName":'
        '"Contoso Reporting","accountEnabled":true,"appOwnerOrganizationId":"c0117050-0000-4000-8000-000000000001",'
        '"servicePrincipalType":"Application","verifiedPublisher":{"displayName":"Contoso","verifiedPublisherId":"1"}}'
    )
    page = ('{"value":[' + ",".join([one] * 999) + "]}").encode()
    decoder = msgspec.json.Decoder(Page[ServicePrincipal])
    started = time.perf_counter()
    for _ in range(100):
        decoder.decode(page)
    rate = 99_900 / (time.perf_counter() - started)
    return ("decoding service principals", f"{rate:,.0f} a second", "≥ 100,000 a second")


def large_list() -> list[Row]:
    """`apps list` of a large tenant over real HTTP, beside a bare httpx loop over the same pages."""
    with served(APPLICATIONS) as tenant:
        ours = measured([*ENTRAKIT, "apps", "list"], tenant.env, runs=5)
        bare = measured([PYTHON, "-c", BARE_LOOP], tenant.env, runs=5)
    ratio = ours.wall / bare.wall
    return [
        (
            f"`apps list`, {APPLICATIONS:,} service principals over TLS",
            f"{ours.wall:.2f} s; {ratio:.2f} × a bare httpx loop ({bare.wall:.2f} s)",
            "≤ 2 ×",
        ),
        ("its peak memory", f"{ours.peak:.0f} MB", "≤ 120 MB"),
    ]


if __name__ == "__main__":
    main()
