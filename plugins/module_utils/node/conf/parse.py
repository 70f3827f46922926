# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The NATS configuration language, read as nats-server reads it, odd corners included.

Source: nats-server conf/lex.go and conf/parse.go. Values become str, bool, int, float, list and dict; a date
stays text. Messages tell line and fault, never the text itself, which may be a secret.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Optional, Union

from ...plan.errors import NatsError
from .scan import Number, Scanner, Text

Value = Union[str, bool, int, float, list["Value"], dict[str, "Value"]]
Include = Callable[[str], str]

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_BCRYPT = "2a$"  # an unquoted $2a$... is a bcrypt hash to nats-server, not a variable


class ConfigError(NatsError):
    """The text is not a NATS configuration, or refers to what isn't there."""


def parse(
    text: str,
    environment: Optional[Mapping[str, str]] = None,
    include: Optional[Include] = None,
) -> dict[str, Value]:
    """The configuration as plain values; keys as written, the last of equal keys wins.

    environment: where a ``$NAME`` is looked up that no enclosing map defines; its value is read as configuration text,
    as nats-server does. None leaves such a reference as the text ``$NAME``.
    include: gives the text of an included file by its path, relative to the folder of the first file.
    Raises ConfigError with the line.
    """
    return _Parser(text, environment, include, path="", pending=frozenset()).document()


class _Parser:
    """One file, or one environment value."""

    def __init__(
        self,
        text: str,
        environment: Optional[Mapping[str, str]],
        include: Optional[Include],
        path: str,
        pending: frozenset[str],
    ) -> None:
        self.scan = Scanner(text, self.error)
        self.environment = environment
        self.include = include
        self.path = path
        self.pending = pending
        self.scopes: list[dict[str, Value]] = []

    def error(self, message: str) -> ConfigError:
        where = f"{self.path} line" if self.path else "line"
        return ConfigError(f"{where} {self.scan.line}: {message}")

    def document(self) -> dict[str, Value]:
        """The whole text; braces round it, as in JSON, are allowed."""
        top: dict[str, Value] = {}
        self.scopes.append(top)
        while self.scan.to_entry():
            if self.scan.take("{"):
                self.entries(top)
            else:
                self.entry(top, top_level=True)
                self.scan.entry_end(ends=";,}", closes="")
        return top

    def entries(self, into: dict[str, Value]) -> None:
        """What stands between braces; the opening one is read."""
        while True:
            if not self.scan.to_entry():
                raise self.error("the file ends inside a { }")
            if self.scan.take("}"):
                return
            self.entry(into, top_level=False)
            self.scan.entry_end(ends=";,", closes="}")

    def entry(self, into: dict[str, Value], top_level: bool) -> None:
        key, is_include = self.scan.key()
        if is_include:
            into.update(self.included(self.scan.include_path()))
            return
        separated = self.scan.key_end()
        # After "key:" a top-level value must stand on the same line; in a map it may follow later.
        if not (top_level and separated):
            self.scan.skip_space()
        into[key] = self.value()

    def value(self) -> Value:
        self.scan.skip_blanks()
        if self.scan.take("{"):
            return self.map()
        if self.scan.take("["):
            return self.array()
        found = self.scan.scalar()
        if isinstance(found, Number):
            return found.value
        return self.text(found)

    def map(self) -> dict[str, Value]:
        inner: dict[str, Value] = {}
        self.scopes.append(inner)
        self.entries(inner)
        self.scopes.pop()
        return inner

    def array(self) -> list[Value]:
        items: list[Value] = []
        while True:
            if not self.scan.to_entry():
                raise self.error("the file ends inside a [ ]")
            if self.scan.take("]"):
                return items
            if self.scan.take(","):
                raise self.error("a comma stands where a value of the list is expected")
            items.append(self.value())
            self.scan.entry_end(ends=",", closes="]")

    def text(self, found: Text) -> Value:
        if not found.bare:
            return found.value
        if found.value.lower() in _BOOLEANS:
            return _BOOLEANS[found.value.lower()]
        if found.value.startswith("$"):
            return self.variable(found.value[1:])
        return found.value

    def variable(self, name: str) -> Value:
        if name.startswith(_BCRYPT):
            return "$" + name
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        if self.environment is None:
            return "$" + name
        if name in self.pending:
            raise self.error(f"the variable ${name} refers to itself")
        if name not in self.environment:
            raise self.error(f"the variable ${name} is neither defined above nor in the environment")
        inner = _Parser(
            "pk=" + self.environment[name], self.environment, self.include, f"${name}", self.pending | {name}
        )
        return inner.document()["pk"]

    def included(self, written: str) -> dict[str, Value]:
        # nats-server joins even an absolute path to the folder of the including file.
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), written.lstrip("/")))
        if self.include is None:
            raise self.error(f"include of {path}: no files can be included here")
        try:
            text = self.include(path)
        except OSError as error:
            raise self.error(f"include of {path}: {error.strerror}") from None
        if path in self.pending:
            raise self.error(f"include of {path}: it includes itself")
        return _Parser(text, self.environment, self.include, path, self.pending | {path}).document()
