"""What is said about a sign-in failure."""

from __future__ import annotations

import re

import pytest

from toolkit.auth.aadsts import _by_code, explain  # pyright: ignore[reportPrivateUsage]

CODES = [
    *(65001, 650051, 650052, 650054, 500011, 700016, 7000112, 7000215, 7000222, 700027, 70043, 700082, 50173),
    *(50076, 50079, 53003, 50020, 90002, 900023, 50105, 50158, 7000218, 70011, 70016, 70018, 70020, 9002313),
    *(90094, 90095, 65004, 50034, 50126, 50057, 50059, 16000, 50049, 53000, 53001, 53002, 900144),
]
COMMANDS = {
    "entrakit consent show APP",
    "entrakit apps show APP",
    "entrakit consent url APP",
    "entrakit roles check --me",
}


@pytest.mark.parametrize("code", CODES)
def test_a_code_seen_in_the_field_is_explained(code: int) -> None:
    told = explain(code)
    assert told is not None
    assert told.code == code


@pytest.mark.parametrize("form", ["65001", " 65001 ", "AADSTS65001", "aadsts65001", 65001])
def test_a_code_is_understood_with_and_without_its_prefix(form: str | int) -> None:
    told = explain(form)
    assert told is not None
    assert told.code == 65001


def test_the_code_is_found_inside_a_whole_message() -> None:
    told = explain("invalid_client: AADSTS7000222: The provided client secret keys for app 'x' are expired. 50126")
    assert told is not None
    assert told.code == 7000222


def test_the_first_code_with_a_known_meaning_wins() -> None:
    told = explain("AADSTS12345678: outer; AADSTS53003: inner; AADSTS50126: last")
    assert told is not None
    assert told.code == 53003


@pytest.mark.parametrize("text", ["", "65001 people were told", "error 65001", "AADSTS", "AADSTS650019999", "4242"])
def test_what_is_no_known_code_is_not_explained(text: str) -> None:
    assert explain(text) is None


def test_a_longer_code_is_not_taken_for_a_shorter_one_that_begins_alike() -> None:
    longer, shorter = explain("AADSTS650052"), explain("AADSTS65005")
    assert longer is not None
    assert longer.code == 650052
    assert shorter is None


@pytest.mark.parametrize("code", CODES)
def test_every_explanation_says_what_why_and_the_way_out(code: int) -> None:
    told = explain(code)
    assert told is not None
    assert told.meaning[0].isupper()
    assert told.meaning.endswith(".")
    assert told.causes
    assert all(told.causes)
    assert told.fix[0].islower()
    assert not told.fix.endswith(".")


def test_every_command_an_explanation_names_is_one_of_ours() -> None:
    named = {command for told in _by_code().values() for command in re.findall(r"`(entrakit [^`]+)`", told.fix)}
    assert named == COMMANDS
