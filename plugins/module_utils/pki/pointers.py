# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a certificate sends those who doubt it: responder and issuer (RFC 5280 4.2.2.1), list of what is revoked
(4.2.1.13), and that its holder has to bring the responder's answer along (RFC 7633).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import urlsplit

from ..plan.problems import Problems, join
from .libraries import AuthorityInformationAccessOID, x509
from .names import read_list
from .profiles import Profile

URLS = ("ocsp_urls", "crl_urls", "issuer_urls")
KEYS = (*URLS, "must_staple")


@dataclass(frozen=True)
class Pointers:
    """URLs, each kind in the order given."""

    ocsp_urls: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()
    must_staple: bool = False

    def __bool__(self) -> bool:
        return self != Pointers()

    def as_dict(self) -> dict[str, Any]:
        """For results."""
        return {**{kind: list(getattr(self, kind)) for kind in URLS}, "must_staple": self.must_staple}

    def shown(self) -> dict[str, Any]:
        """For diffs: what there is."""
        return {kind: value for kind, value in self.as_dict().items() if value}


#: Of most certificates: they point nowhere.
NOWHERE = Pointers()


def parse_pointers(raw: Mapping[str, object], problems: Problems, path: str) -> Pointers:
    """The pointers of one entry; what is wrong goes to ``problems``, below ``path``."""
    urls = {kind: read_list(raw.get(kind), _url, problems, join(path, kind)) for kind in URLS}
    must = raw.get("must_staple")
    if must is not None and not isinstance(must, bool):
        problems.add(join(path, "must_staple"), f"{must!r} is neither true nor false")
    return Pointers(**urls, must_staple=must is True)


def check_profile(pointers: Pointers, profile: Profile, problems: Problems, path: str) -> None:
    """What the profile has no use for, or what nobody could keep to."""
    if profile is Profile.OCSP and pointers.ocsp_urls:
        words = "has no place in the certificate of a responder: who asks about that one would ask itself"
        problems.add(join(path, "ocsp_urls"), words)
    if not pointers.must_staple:
        return
    here = join(path, "must_staple")
    if not profile.stapled:
        problems.add(here, f"binds nobody: nats-server staples no answer to a certificate of {profile.value}")
    elif not pointers.ocsp_urls:
        problems.add(here, "needs ocsp_urls: without a responder to ask, the server does not start")


def extensions(pointers: Pointers) -> list[Any]:
    """The extensions that say it, none of them critical."""
    found: list[Any] = []
    access = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
        for method, urls in (
            (AuthorityInformationAccessOID.OCSP, pointers.ocsp_urls),
            (AuthorityInformationAccessOID.CA_ISSUERS, pointers.issuer_urls),
        )
        for url in urls
    ]
    if access:
        found.append(x509.AuthorityInformationAccess(access))
    if pointers.crl_urls:
        # One list, to be had from each of these places (RFC 5280 4.2.1.13).
        places = [x509.UniformResourceIdentifier(url) for url in pointers.crl_urls]
        found.append(x509.CRLDistributionPoints([x509.DistributionPoint(places, None, None, None)]))
    if pointers.must_staple:
        found.append(x509.TLSFeature([x509.TLSFeatureType.status_request]))
    return found


def pointers_of(
    access: Optional[x509.AuthorityInformationAccess],
    lists: Optional[x509.CRLDistributionPoints],
    features: Optional[x509.TLSFeature],
) -> Pointers:
    """What the extensions of a certificate say."""
    return Pointers(
        ocsp_urls=_accessed(access or (), AuthorityInformationAccessOID.OCSP),
        crl_urls=tuple(str(name.value) for point in lists or () for name in point.full_name or ()),
        issuer_urls=_accessed(access or (), AuthorityInformationAccessOID.CA_ISSUERS),
        must_staple=features is not None and x509.TLSFeatureType.status_request in features,
    )


def differences(wanted: Pointers, found: Pointers) -> Sequence[str]:
    """How what is there comes to be what is wanted, a sentence a kind."""
    before, after = found.as_dict(), wanted.as_dict()
    return [
        f"{kind} {_said(before[kind])} becomes {_said(after[kind])}" for kind in KEYS if before[kind] != after[kind]
    ]


def _said(value: Any) -> str:
    return ", ".join(value) or "none" if isinstance(value, list) else str(value).lower()


def _accessed(access: Any, method: Any) -> tuple[str, ...]:
    return tuple(str(one.access_location.value) for one in access if one.access_method == method)


def _url(text: str) -> str:
    """A URL that everybody may ask. Raises ValueError with a sentence."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname
        known = parts.port is None or parts.port > 0
    except ValueError:
        host, known = None, False
    if not host or not known or parts.scheme not in ("http", "https") or not url.isascii() or not url.isprintable():
        raise ValueError(f"{text!r} is not a URL to ask at: write it as http://pki.example.com/ocsp")
    if parts.username or parts.password:
        raise ValueError(f"the URL of {host} holds a user: everybody reads it in the certificate, leave that out")
    return url
