"""The machine formats and markdown, and queries over the content."""

from __future__ import annotations

import pytest

from toolkit.render import FORMATS, QueryError, UnknownFormat, render
from toolkit.render.view import Column, Fields, Note, Table, View

from .samples import App, apps_view, one_app_view, text


def test_json_wraps_the_content_in_an_envelope() -> None:
    view = View("apps.list", 2, {"id": "t"}, [App("1", "Pay\u202eroll", True)], (), coverage={"complete": True})
    assert text(view, "json") == (
        '{\n  "schema": "entrakit/apps.list/2",\n  "tenant": {\n    "id": "t"\n  },\n'
        '  "coverage": {\n    "complete": true\n  },\n'
        '  "content": [\n    {\n      "id": "1",\n      "name": "Pay\\u202eroll",\n'
        '      "enabled": true\n    }\n  ]\n}\n'
    )


def test_yaml_has_the_same_envelope() -> None:
    view = View("apps.list", 2, None, [App("1", "Pay\u202eroll", True), App("2", "yes", False)], ())
    assert text(view, "yaml") == (
        "schema: entrakit/apps.list/2\ntenant: null\ncoverage: null\ncontent:\n"
        "- id: '1'\n  name: \"Pay\\u202Eroll\"\n  enabled: true\n"
        "- id: '2'\n  name: 'yes'\n  enabled: false\n"
    )


def test_csv_has_keys_as_header_and_says_what_is_unknown() -> None:
    assert text(apps_view('Pay, "roll"', "=1+1"), "csv") == (
        "name,grants,last_sign_in,app_id\r\n"
        '"Pay, ""roll""",1,unknown (sign-in activity needs Entra ID P1),'
        "11111111-1111-1111-1111-111111111111\r\n"
        "'=1+1,2,unknown (sign-in activity needs Entra ID P1),11111111-1111-1111-1111-111111111111\r\n"
    )


def test_a_negative_number_is_a_number_in_csv() -> None:
    view = View("x", 1, None, None, (Table(None, (Column("Change", "change"),), [(-5,), ("-5",)]),))
    assert text(view, "csv") == "change\r\n-5\r\n'-5\r\n"


def test_fields_alone_are_key_and_value_rows() -> None:
    assert text(one_app_view(), "tsv") == (
        "key\tvalue\nName\tContoso Payroll\nEnabled\tyes\nCreated\t2024-01-02\n"
        "Read\t2026-05-01T12:30:15Z\nTags\thr; legacy\nOwner\t\nPublisher\tunknown (not read)\n"
    )


def test_a_view_may_name_the_block_that_csv_shows() -> None:
    tables = tuple(Table(None, (Column(key, key),), [(key,)]) for key in "ab")
    assert text(View("x", 1, None, None, tables), "csv") == "a\r\na\r\n"
    assert text(View("x", 1, None, None, tables, primary=1), "csv") == "b\r\nb\r\n"
    with pytest.raises(ValueError, match="block 0 has no rows"):
        text(View("x", 1, None, None, (Note("good", "a"),), primary=0), "csv")


def test_markdown_is_what_github_draws() -> None:
    blocks = (
        Table("Apps", (Column("Name", "n"), Column("Grants", "g", "right")), [("a|b", 3)]),
        Fields(None, (("App id", "1"),)),
        Note("warning", "Look at them."),
    )
    assert text(View("x", 1, None, None, blocks), "markdown") == (
        "### Apps\n\n| Name | Grants |\n| --- | ---: |\n| a\\|b | 3 |\n\n- **App id**: 1\n\n! warning: Look at them.\n"
    )


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_view_gives_the_same_text(format: str) -> None:
    first, again = (text(apps_view("Payroll", "Zoë"), format, width=80) for _ in range(2))
    assert first == again != ""


def test_a_set_is_told_in_order() -> None:
    assert text(View("x", 1, None, {"b", "a", "c"}, ()), "json", query="join('', @)") == '"abc"\n'


def test_a_query_gives_the_bare_result_to_machines() -> None:
    view = apps_view("Payroll", "Salesforce")
    assert text(view, "json", query="[].name") == '[\n  "Payroll",\n  "Salesforce"\n]\n'
    assert text(view, "yaml", query="[0].name") == "Payroll\n"
    assert text(view, "yaml", query="[9]") == "null\n"


def test_a_query_for_objects_gives_columns_in_the_order_it_names_them() -> None:
    view = apps_view("Payroll", "Salesforce")
    assert text(view, "tsv", query="[].{Name: name, Id: id}") == "Name\tId\nPayroll\t1\nSalesforce\t2\n"
    assert text(view, "table", query="[?enabled].{Name: name, Id: id}") == ("Name     Id\n-------  --\nPayroll  1\n")


def test_rows_without_names_have_no_header_for_scripts_and_a_numbered_one_for_people() -> None:
    view = apps_view("Payroll", "Salesforce")
    assert text(view, "tsv", query="[].id") == "1\n2\n"
    assert text(view, "csv", query="[].[id, name]") == "1,Payroll\r\n2,Salesforce\r\n"
    assert text(view, "markdown", query="[0:1].[id, name]") == (
        "| Column1 | Column2 |\n| --- | --- |\n| 1 | Payroll |\n"
    )
    assert text(view, "table", query="length(@)") == "Result\n------\n2\n"


def test_a_query_that_finds_nothing_says_so_to_people_and_is_silent_to_scripts() -> None:
    assert text(apps_view("Payroll"), "table", query="[?name=='x']") == "nothing found\n"
    assert text(apps_view("Payroll"), "tsv", query="[?name=='x']") == ""
    assert text(apps_view("Payroll"), "table", query="`[{}]`") == "nothing found\n"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("[?name==", "at its end"),
        ("[?name=", "at character 7"),
        ("[].na me", "at character 7"),
        ("[}", "at character 2"),
        ("length(name, id)", "not valid JMESPath: "),
        ("nonsense(@)", "does not fit the content"),
        ("length(`1`)", "does not fit the content"),
        ("&name", "does not fit the content"),
        (" ", "the query is empty"),
    ],
)
def test_a_bad_query_is_told_what_where_and_how(query: str, said: str) -> None:
    with pytest.raises(QueryError, match=said) as told:
        render(apps_view("Payroll"), "json", width=None, color=False, query=query)
    assert "an example: [?enabled].{name: name, id: id}" in str(told.value)


def test_a_query_error_points_at_the_spot() -> None:
    with pytest.raises(QueryError) as told:
        text(apps_view("Payroll"), "json", query="[].na me")
    assert told.value.where == ("[].na me", "      ^")


def test_an_unknown_format_lists_those_there_are() -> None:
    with pytest.raises(UnknownFormat, match="table, json, yaml, csv, tsv, markdown"):
        render(apps_view(), "excel", width=None, color=False)
