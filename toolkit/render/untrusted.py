"""The only place that makes text of a tenant harmless: one function per place it is shown.

Names, addresses and notes in a directory are chosen by whoever registered the app. They may carry terminal
commands, characters that reorder or hide what a person reads, spreadsheet formulas, markup and mentions.
"""

from __future__ import annotations

import html
import re

_UNSEEN = "".join(
    (
        r"\x7f-\x9f",  # DEL and C1: an 8-bit terminal obeys U+009B as it obeys ESC [
        r"\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f",
        r"\u200b-\u200f\u2028-\u202e\u2060-\u206f",  # zero width, line separators, bidi controls
        r"\u2800\u3164\uffa0",  # letters and symbols that are drawn as nothing
        r"\ud800-\udfff",
        r"\ufe00-\ufe0d\ufeff\ufff9-\ufffb\ufffe\uffff",
        r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a",
        r"\U000e0000-\U000e0fff",  # tag characters and variation selectors that can carry hidden text
    )
)
_HOSTILE = re.compile(rf"[\x00-\x1f{_UNSEEN}]")
_HOSTILE_BUT_LINES = re.compile(rf"[\x00-\x09\x0b-\x1f{_UNSEEN}]")
_HOSTILE_BUT_SPACING = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{_UNSEEN}]")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def is_hostile(text: str) -> bool:
    """Whether `text` holds a character that must not be shown as it is."""
    return not (text.isascii() and text.isprintable()) and _HOSTILE.search(text) is not None


def for_terminal(text: str) -> str:
    r"""`text` on one line, every control and invisible character written out: `\n`, `\x1b`, `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return _HOSTILE.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if code < 0x100:
        return _SHORT.get(character) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


# A spreadsheet takes these, also in full width, for the start of a formula.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def for_csv(text: str) -> str:
    """`text` as the content of a csv cell, before quoting: never a formula; line breaks stay."""
    if not (text.isascii() and text.isprintable()):
        text = _HOSTILE_BUT_SPACING.sub(_written_out, text)
    return f"'{text}" if _FORMULA.match(text) else text


_SPACING = re.compile(r"\r\n|[\t\r\n]")


def for_tsv(text: str) -> str:
    """`text` as a tsv cell: as for csv, with tabs and line breaks as single spaces."""
    return _SPACING.sub(" ", for_csv(text))


_MARKED = re.compile(r"[\\`|*_\[\]~$&<>@#]|(?i:://|www\.)")
_MARKDOWN = re.compile(r"[\\`|*_\[\]~$]")
_MENTION = re.compile(r"(?<![\w`])([@#])(?=\w)")
_LINK = re.compile(r"(?i)(://|\bwww\.)")


def for_markdown(text: str) -> str:
    """`text` as plain words in a line or table cell of GitHub markdown: no markup, link, mention or HTML."""
    text = for_terminal(text)
    if not _MARKED.search(text):
        return text
    text = _MARKDOWN.sub(r"\\\g<0>", text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LINK.sub(_unlinked, text)
    return _MENTION.sub(r"\1<!-- -->", text)


def _unlinked(match: re.Match[str]) -> str:
    return ":\\//" if match[0] == "://" else match[0][:-1] + "\\."


def for_json(document: str) -> str:
    r"""A JSON document in which hostile characters are `\uXXXX`; it decodes to the same content."""
    if document.isascii() and document.isprintable():
        return document
    return _HOSTILE_BUT_LINES.sub(_json_escape, document)


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def for_yaml(document: str) -> str:
    r"""A YAML document in which hostile characters are `\uXXXX`; it loads as the same content.

    Every hostile text in `document` must stand in double quotes already (see `is_hostile`): elsewhere YAML
    has no escapes.
    """
    if document.isascii() and document.isprintable():
        return document
    return _HOSTILE_BUT_LINES.sub(_yaml_escape, document)


def _yaml_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def for_html(text: str) -> str:
    """`text` as the content of an HTML element or a quoted attribute."""
    return html.escape(for_terminal(text), quote=True)


_GITHUB_MESSAGE = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_GITHUB_PROPERTY = {**_GITHUB_MESSAGE, ":": "%3A", ",": "%2C"}


def for_github(text: str) -> str:
    """`text` as a property (`file=…`, `title=…`) of a GitHub workflow command.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    text = _HOSTILE_BUT_SPACING.sub(_written_out, text)
    return text.translate(_GITHUB_PROPERTY_TABLE)


def for_github_message(text: str) -> str:
    """`text` as the message of a GitHub workflow command, where colons and commas mean nothing."""
    text = _HOSTILE_BUT_SPACING.sub(_written_out, text)
    return text.translate(_GITHUB_MESSAGE_TABLE)


_GITHUB_PROPERTY_TABLE = str.maketrans(_GITHUB_PROPERTY)
_GITHUB_MESSAGE_TABLE = str.maketrans(_GITHUB_MESSAGE)
