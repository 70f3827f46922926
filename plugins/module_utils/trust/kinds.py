# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of scalars in the tree: how people write them, what the claims hold, what is refused and why."""

from __future__ import annotations

import functools
import ipaddress
import re
from datetime import datetime, timezone
from typing import Any, Callable

from ..plan import units
from . import keys, subjects, tokens, urls
from .fields import Kind, did_you_mean

_MAX_TEXT = 8 * 1024
_MAX_NAME = 128
_INT64 = 1 << 63
_DAY = 86_400
_LAST_MOMENT = 253_402_300_800  # the year 10000, which ISO 8601 can't write


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is not a text")
    text = str(value)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise ValueError("has characters that UTF-8 does not know") from error
    if size > _MAX_TEXT:
        raise ValueError(f"has {size} bytes; at most {_MAX_TEXT} are allowed")
    return text


def _name(value: Any) -> str:
    """Names become file names, so what no file can be called is refused."""
    text = _text(value)
    if not text or text != text.strip() or not text.isprintable():
        raise ValueError(f"{text!r} is not a name: it is empty, or has white space at an end or control characters")
    if text.startswith((".", "-")) or "/" in text or "\\" in text:
        raise ValueError(f"{text!r} is not a name: it becomes a file name, so no / or \\ and no . or - in front")
    if len(text.encode()) > _MAX_NAME:
        raise ValueError(f"the name has {len(text.encode())} bytes; at most {_MAX_NAME} are allowed")
    return text


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "yes", "on", "false", "no", "off"):
        return value.lower() in ("true", "yes", "on")
    raise ValueError(f"{value!r} is neither true nor false")


def _number(value: Any) -> int:
    if isinstance(value, str) and re.match(r"^-?\d+$", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _limit(parse: Callable[[Any], int]) -> Callable[[Any], int]:
    def parsed(value: Any) -> int:
        found = -1 if isinstance(value, str) and value.strip().lower() == "unlimited" else parse(value)
        if not -1 <= found < _INT64:
            raise ValueError(f"{value!r} is out of range: write 0 or more, or -1 for unlimited")
        return found

    return parsed


def _counted(least: int, most: int) -> Callable[[Any], int]:
    def parsed(value: Any) -> int:
        found = _number(value)
        if not least <= found <= most:
            raise ValueError(f"{found} is out of range: write {least} to {most}")
        return found

    return parsed


def _duration(value: Any) -> int:
    found = units.nanoseconds(value)
    if found >= _INT64:
        raise ValueError(f"{value!r} is too long: NATS counts at most 292 years")
    return found


def _show_duration(value: Any) -> Any:
    return units.duration(value) if isinstance(value, int) and value >= 0 else value


def _lifetime(value: Any) -> int:
    found = _duration(value)
    if found < 1_000_000_000:
        raise ValueError(f"{value!r} is too short: tokens count whole seconds")
    return found // 1_000_000_000


def _show_lifetime(value: Any) -> Any:
    if not isinstance(value, int) or value < 0:
        return value
    return f"{value // _DAY}d" if value % _DAY == 0 else units.duration(value * 1_000_000_000)


def _subject(queue: bool) -> Callable[[Any], str]:
    def parsed(value: Any) -> str:
        text = _text(value)
        found = subjects.fault(text, queue)
        if found:
            raise ValueError(found)
        return text

    return parsed


def _local_subject(value: Any) -> str:
    return _text(value)  # judged beside its subject, in rules


def _choice(*words: str) -> Callable[[Any], str]:
    def parsed(value: Any) -> str:
        if value not in words:
            raise ValueError(f"{value!r} is none of its values{did_you_mean(str(value), words)}")
        return str(value)

    return parsed


def _tag(value: Any) -> str:
    text = _text(value).strip().lower()
    if not text or not text.isprintable():
        raise ValueError(f"{value!r} is not a tag: it is empty or has control characters")
    return text


def _checked(check: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: check(_text(value))


def _version(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}", text):
        raise ValueError(f'"{text}" is not a version: write all three parts, such as 2.10.0')
    return text


def _network(value: Any) -> str:
    text = _text(value).strip().lower()
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a network: write it in CIDR form, such as 10.0.0.0/8') from error
    if "%" in text:
        raise ValueError(f'"{text}" is not a network: leave the zone (%...) out')
    if "/" not in text or not text.rsplit("/", 1)[1].isdigit():
        raise ValueError(f'"{text}" has no prefix length: write {text.partition("/")[0]}/32 or a network')
    return text


def _time(value: Any) -> str:
    if isinstance(value, int):
        raise ValueError(f'{value} is a number, as YAML reads 08:00:00 without quotes: write it in quotes, "08:00:00"')
    text = _text(value)
    text = f"{text}:00" if re.fullmatch(r"[0-9]{2}:[0-9]{2}", text) else text
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]", text):
        raise ValueError(f'"{text}" is not a time of day: write "08:00:00" to "23:59:59"')
    return text


@functools.lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """The zones that are known here: looking them up reads a folder of hundreds of files."""
    import zoneinfo

    return frozenset(zoneinfo.available_timezones())


def _zone(value: Any) -> str:
    text = _text(value)
    known = _zones()
    if known and text not in known and text != "Local":
        raise ValueError(f'"{text}" is not a time zone: write an IANA name such as Europe/Berlin')
    return text


def _sampling(value: Any) -> Any:
    if isinstance(value, str) and value.strip().lower() == "headers":
        return "headers"
    return _counted(1, 100)(value)


def _moment(value: Any) -> int:
    """YAML reads what looks like a time as one; without a zone it is UTC."""
    found = value
    if isinstance(value, str) and re.match(r"^\d+$", value):
        found = int(value)
    elif isinstance(value, str):
        try:
            found = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", value.strip()))
        except ValueError:
            found = None
    if isinstance(found, datetime):
        found = (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < _LAST_MOMENT:
        raise ValueError(f'{value!r} is not a time: write it such as "2026-11-23T12:00:00Z"')
    return found


def _show_moment(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LAST_MOMENT:
        return value
    return datetime.fromtimestamp(value, timezone.utc).isoformat().replace("+00:00", "Z")


def _user(value: Any) -> str:
    keys.refuse_seed(value, keys.Role.USER)
    text = _name(value)
    if re.match(r"^U[A-Z2-7]{40,}$", text) and not keys.is_public(text, keys.Role.USER):
        raise ValueError(f'"{text}" looks like the public key of a user but its length or checksum is wrong')
    return text


def _account(value: Any) -> str:
    keys.refuse_seed(value, keys.Role.ACCOUNT)
    text = _name(value)
    if re.match(r"^A[A-Z2-7]{40,}$", text) and not keys.is_public(text, keys.Role.ACCOUNT):
        raise ValueError(f'"{text}" looks like the public key of an account but its length or checksum is wrong')
    return text


def _weight(value: Any) -> int:
    number = int(value) if isinstance(value, str) and value.isdigit() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 100:
        raise ValueError(f"{value!r} is not a weight: write 1 to 100, in percent")
    return number


def _or_all(parse: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: "*" if value == "*" else parse(value)


def _public(role: keys.Role) -> Callable[[Any], str]:
    def parsed(value: Any) -> str:
        text = _text(value)
        keys.refuse_seed(text, role)
        if not keys.is_public(text, role):
            raise ValueError(f'"{text}" is not the public key of {keys.article(role)}: it begins with {role.letter}')
        return text

    return parsed


def _activation(value: Any) -> str:
    text = _text(value).strip()
    try:
        token = tokens.read(text)
    except tokens.TokenProblem as error:
        raise ValueError(f"is no activation token: {error}") from error
    if token.kind != "activation":
        raise ValueError(f"is a token of type {token.kind}, not an activation token")
    return text


NAME = Kind("name", _name, zero="")
TEXT = Kind("text", _text, zero="")
TAG = Kind("tag, written in lower case", _tag)
FLAG = Kind("true or false", _flag, zero=False)
LIMIT = Kind("number, or -1 for unlimited", _limit(_number), zero=0)
SIZE = Kind("size such as 512M, 1G or 1GiB, or -1 for unlimited", _limit(units.size), zero=0)
KEY_COUNT = Kind("number from 0 to 16", _counted(0, 16))
POSITION = Kind("position from 1", _counted(1, 255), zero=0)
RESPONSE_COUNT = Kind("number, or -1 for unlimited", _limit(_number), zero=0)
DURATION = Kind("duration such as 500ms, 5s or 2m", _duration, _show_duration, zero=0)
LIFETIME = Kind("duration such as 12h, 90d or 1y", _lifetime, _show_lifetime)
SUBJECT = Kind("subject", _subject(queue=False), zero="")
SUBSCRIPTION = Kind('subject, or "subject queue"', _subject(queue=True))
LOCAL_SUBJECT = Kind('subject, with "*" or $1, $2 for the "*" of the subject', _local_subject, zero="")
KIND = Kind("stream or service", _choice("stream", "service"))
RESPONSE_TYPE = Kind("Singleton, Stream or Chunked", _choice("Singleton", "Stream", "Chunked"), zero="")
SAMPLING = Kind("percentage from 1 to 100, or headers", _sampling)
URL = Kind("URL", _checked(urls.web), zero="")
SERVER_URL = Kind("URL", _checked(urls.server), zero="")
SERVICE_URL = Kind("URL of nats, tls, ws or wss, host and port only", _checked(urls.service))
VERSION = Kind("version such as 2.10.0", _version, zero="")
NETWORK = Kind("network such as 10.0.0.0/8", _network)
TIME = Kind('time of day such as "08:00:00", in quotes', _time, zero="")
ZONE = Kind("IANA time zone such as Europe/Berlin", _zone, zero="")
ACCOUNT = Kind("name of an account of the tree, or public key of another", _account, zero="")
USER = Kind("name of a user of the account, or public key of another", _user, zero="")
ACCOUNTS = Kind('name of an account of the tree, public key of another, or "*" for all', _or_all(_account), zero="")
ACCOUNT_KEY = Kind("public key of an account", _public(keys.Role.ACCOUNT), zero="")
USER_KEY = Kind("public key of a user", _public(keys.Role.USER), zero="")
CURVE_KEY = Kind("public curve key (X...)", _public(keys.Role.CURVE), zero="")
ACTIVATION = Kind("activation token", _activation, zero="")
WEIGHT = Kind("percentage from 1 to 100", _weight, zero=100)
PERCENT = Kind("percentage from 1 to 100", _counted(1, 100), zero=100)
CLUSTER_TRAFFIC = Kind("system or owner", _choice("system", "owner"), zero="")
USERS = Kind('name of a user of the account, public key of another, or "*" for all', _or_all(_user), zero="")
MOMENT = Kind('time such as "2026-11-23T12:00:00Z"', _moment, _show_moment, zero=0)
CONNECTION = Kind(
    "STANDARD, WEBSOCKET, LEAFNODE, LEAFNODE_WS, MQTT, MQTT_WS or IN_PROCESS",
    _choice("STANDARD", "WEBSOCKET", "LEAFNODE", "LEAFNODE_WS", "MQTT", "MQTT_WS", "IN_PROCESS"),
)
