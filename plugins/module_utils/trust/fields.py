# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From plain mappings to frozen dataclasses and to claims, by what each field says about itself.

One table serves the reading of the tree, the encoding of claims, the words for claims and the reference page: the
fields of the dataclasses in ``tree``, each made by ``option``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Callable, Optional, TypeVar, Union

from ..plan.problems import Problems, join

Made = TypeVar("Made")


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Kind:
    """A kind of scalar.

    label: what the reference page calls it.
    parse: from what people write to what the claim holds; raises ValueError with a sentence.
    show: from what the claim holds to what people write.
    zero: what an absent claim means (Go's zero value).
    """

    label: str
    parse: Callable[[Any], Any]
    show: Callable[[Any], Any] = _same
    zero: Any = None


@dataclass(frozen=True)
class Block:
    """A mapping read into a dataclass. inline: its claims stand among those around it, not under a name."""

    of: type[Any]
    inline: bool = False


@dataclass(frozen=True)
class Many:
    """A list. by: the field whose value names an element in paths; else its position does. once: no element twice."""

    of: Union[Kind, Block, Either]
    by: Optional[str] = None
    once: bool = False


@dataclass(frozen=True)
class Table:
    """A mapping from names to blocks."""

    of: Block


@dataclass(frozen=True)
class Keyed:
    """A list of blocks of two fields; in the claims a mapping from the first to the second."""

    of: type[Any]


@dataclass(frozen=True)
class Either:
    """A scalar; or the other shape, where a mapping or a list stands."""

    kind: Kind
    other: Union[Block, Many]


Shape = Union[Kind, Block, Many, Table, Keyed, Either]


def option(shape: Shape, text: str, *, claim: str = "", default: Any = MISSING) -> Any:
    """A field of the tree. claim: its JSON name in the token; without a default it has to be said."""
    metadata = {"shape": shape, "text": text, "claim": claim, "required": default is MISSING}
    # Only called in the bodies of dataclasses.
    return field(default=None if default is MISSING else default, metadata=metadata)  # pylint: disable=invalid-field-call


def shape_of(each: Field[Any]) -> Shape:
    """The shape that ``option`` gave."""
    found: Shape = each.metadata["shape"]
    return found


def read(of: type[Made], raw: Any, path: str, problems: Problems) -> Made:
    """Read a mapping; everything wrong goes to ``problems``, and what was wrong stands at its default."""
    if not isinstance(raw, Mapping):
        problems.add(path, f"must be a mapping, not {_what(raw)}")
        return of()
    known = _shapes(of)
    for key in raw:
        if key not in known:
            problems.add(join(path, str(key)), f"is not known here{did_you_mean(str(key), known)}")
    values: dict[str, Any] = {}
    for name, (shape, required) in known.items():
        said = raw.get(name)
        if said is not None:
            value = _read(shape, said, f"{path}.{name}" if path else name, problems)
            if value is not None:
                values[name] = value
        elif required:
            problems.add(join(path, name), "is missing")
    return of(**values)


_SHAPES: dict[Any, Mapping[str, tuple[Shape, bool]]] = {}


def _shapes(of: type[Any]) -> Mapping[str, tuple[Shape, bool]]:
    """The fields of a dataclass by name: their shapes, and whether they have to be said. Looked up once a class."""
    if of not in _SHAPES:
        _SHAPES[of] = {each.name: (shape_of(each), bool(each.metadata["required"])) for each in fields(of)}
    return _SHAPES[of]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` (did you mean …?)``, or what there is to choose from."""
    names = sorted(known)
    lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), lower, 1, 0.6)
    return f": did you mean {lower[close[0]]}?" if close else f": write one of {', '.join(names)}"


def _read(shape: Shape, raw: Any, path: str, problems: Problems) -> Any:
    if isinstance(shape, Either):
        shape = shape.other if isinstance(raw, (Mapping, list, tuple)) else shape.kind
    if isinstance(shape, Kind):
        try:
            return shape.parse(raw)
        except ValueError as error:
            problems.add(path, str(error))
            return None
    if isinstance(shape, Block):
        return read(shape.of, raw, path, problems)
    if isinstance(shape, Table):
        if not isinstance(raw, Mapping):
            problems.add(path, f"must be a mapping, not {_what(raw)}")
            return None
        for name in raw:
            if not isinstance(name, str) or not name.strip():
                problems.add(path, 'a name in it is blank: write one such as "R3"')
        return {str(name): read(shape.of.of, raw[name], join(path, str(name)), problems) for name in raw}
    return _read_list(Many(Block(shape.of)) if isinstance(shape, Keyed) else shape, raw, path, problems)


def _read_list(shape: Many, raw: Any, path: str, problems: Problems) -> Optional[tuple[Any, ...]]:
    if not isinstance(raw, (list, tuple)):
        problems.add(path, f"must be a list, not {_what(raw)}")
        return None
    found: list[Any] = []
    for position, item in enumerate(raw):
        place = f"{path}[{position}]"
        name = item.get(shape.by) if shape.by and isinstance(item, Mapping) else None
        if isinstance(name, str) and name:
            place = join(path, name)
        value = _read(shape.of, item, place, problems)
        if shape.once and value is not None and value in found:
            problems.add(place, f"{value!r} stands twice in the list")
        elif value is not None:
            found.append(value)
    return tuple(found)


def to_claims(made: Any) -> dict[str, Any]:
    """The claims of a dataclass: every field that has a claim, under its name."""
    claims: dict[str, Any] = {}
    for each in fields(made):
        shape, name, value = shape_of(each), each.metadata["claim"], getattr(made, each.name)
        if value is None:
            continue
        if isinstance(shape, Block) and shape.inline:
            claims.update(to_claims(value))
        elif name:
            claims[name] = _claim(shape, value)
    return claims


def _claim(shape: Shape, value: Any) -> Any:
    if isinstance(shape, Block):
        return to_claims(value)
    if isinstance(shape, Table):
        return {name: to_claims(value[name]) for name in sorted(value)}
    if isinstance(shape, Many):
        return [_claim(shape.of, item) for item in value]
    if isinstance(shape, Keyed):
        key, content = fields(shape.of)
        return {getattr(item, key.name): _claim(shape_of(content), getattr(item, content.name)) for item in value}
    return value


def to_words(of: type[Any], claims: Mapping[str, Any], full: bool = False) -> dict[str, Any]:
    """The mapping that ``read`` would turn into these claims. full: defaults are told too."""
    words: dict[str, Any] = {}
    for each in fields(of):
        shape, name = shape_of(each), each.metadata["claim"]
        if isinstance(shape, Block):
            if shape.inline or name:
                _block_words(words, each, shape, claims if shape.inline else claims.get(name), full)
        elif name:
            value = claims.get(name)
            if value is None and isinstance(shape, Kind):
                value = shape.zero
            if full or each.metadata["required"] or not _is_default(value, each.default):
                words[each.name] = _word(shape, value, full)
    return words


def _block_words(words: dict[str, Any], each: Field[Any], shape: Block, part: Any, full: bool) -> None:
    optional = each.default is None
    names = [inner.metadata["claim"] for inner in fields(shape.of)]
    said = any(part.get(name) for name in names) if shape.inline else bool(part)
    if optional and not said:
        return
    inner = _word(shape, part if said else {}, full)
    if inner or optional:
        words[each.name] = inner


def _is_default(value: Any, default: Any) -> bool:
    if value is None or value in ([], {}):
        return default in (None, (), {})
    return bool(value == default)


def _word(shape: Shape, value: Any, full: bool) -> Any:
    if value is None or isinstance(shape, Kind):
        return None if value is None else shape.show(value)  # type: ignore[union-attr]
    if isinstance(shape, Many):
        return [_word(shape.of, item, full) for item in value] if isinstance(value, (list, tuple)) else value
    if not isinstance(value, Mapping) or isinstance(shape, Either):
        return value
    if isinstance(shape, Block):
        return to_words(shape.of, value, full)
    if isinstance(shape, Table):
        return {name: to_words(shape.of.of, value[name], full) for name in value}
    key, content = fields(shape.of)
    return [{key.name: name, content.name: _word(shape_of(content), value[name], full)} for name in sorted(value)]


def _what(raw: Any) -> str:
    if isinstance(raw, Mapping):
        return "a mapping"
    return "a list" if isinstance(raw, (list, tuple)) else f"{raw!r}"
