"""publiccode.yml in and out: the standard description of reusable software (publiccode.yml 0.4).

What the standard has no key for is left out, never squeezed in; `identifier` is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

VERSION = "0.4"
STATUS = {
    "planned": "concept",
    "building": "development",
    "live": "stable",
    "retiring": "stable",
    "ended": "obsolete",
}
STATES = {
    "concept": "planned",
    "development": "building",
    "beta": "building",
    "stable": "live",
    "obsolete": "ended",
}
PLATFORMS = {"web": "web", "mobile": "android", "desktop": "windows", "cloud": "web"}
READ_PLATFORMS = {
    "web": "web", "android": "mobile", "ios": "mobile", "windows": "desktop", "mac": "desktop", "linux": "desktop",
}  # fmt: skip
SHORTEST, LONGEST = 150, 500


class NotPubliccode(Exception):
    """A document that is no publiccode.yml; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def to_publiccode(values: Mapping[str, Any], *, code: str, owner: str) -> dict[str, Any]:
    """Return the document of a record, from its public fields only.

    values: by field. code: in the inventory. owner: name of the agency.
    """
    described: dict[str, Any] = {
        "shortDescription": str(values["function"] or values["name"])[:SHORTEST],
        "longDescription": str(values["description"] or values["function"] or values["name"]),
        "features": list(values["services"]) or [str(values["function"] or values["name"])[:100]],
    }
    document: dict[str, Any] = {
        "publiccodeYmlVersion": VERSION,
        "name": values["name"],
        "url": values["repository"] or values["url"] or "",
        "landingURL": values["url"] or "",
        "platforms": sorted({PLATFORMS[one] for one in values["platforms"]}),
        "categories": [],
        "developmentStatus": STATUS[values["state"]],
        "softwareType": "standalone/mobile" if values["platforms"] == ("mobile",) else "standalone/web",
        "intendedAudience": {"countries": ["ID"]},
        "description": {"id": described},
        "legal": {"license": "", "repoOwner": owner},
        "maintenance": {"type": "internal"},
        "localisation": {"localisationReady": False, "availableLanguages": ["id"]},
        "organisation": {"name": owner},
        "usedBy": [owner],
        "isBasedOn": [],
        "identifier": code,
    }
    if isinstance(values["live_on"], date):
        document["releaseDate"] = values["live_on"].isoformat()
    return {key: value for key, value in document.items() if value not in ("", [])}


def from_publiccode(document: Any) -> dict[str, str]:
    """Return a record's cells by field, as a list would hold them. Raises NotPubliccode."""
    if not isinstance(document, dict) or "publiccodeYmlVersion" not in document:
        raise NotPubliccode("yaml_broken")
    described = document.get("description")
    texts = _texts(described if isinstance(described, dict) else {})
    legal = document.get("legal")
    owner = legal.get("repoOwner") if isinstance(legal, dict) else ""
    cells = {
        "name": document.get("name"),
        "agency": owner,
        "function": texts.get("shortDescription"),
        "description": texts.get("longDescription"),
        "services": "; ".join(str(one) for one in texts.get("features") or []),
        "platforms": "; ".join(_platforms(document.get("platforms"))),
        "state": STATES.get(str(document.get("developmentStatus")), ""),
        "live_on": document.get("releaseDate"),
        "url": document.get("landingURL"),
        "repository": document.get("url"),
        "licence": "open_source" if isinstance(legal, dict) and legal.get("license") else "",
        "code": document.get("identifier"),
    }
    return {name: str(value) for name, value in cells.items() if value}


def _texts(described: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the description in Indonesian, else in English, else in whatever comes first."""
    found: Any = described.get("id") or described.get("en") or next(iter(described.values()), {})
    return found if isinstance(found, dict) else {}


def _platforms(given: Any) -> list[str]:
    names = given if isinstance(given, list) else []
    return sorted({READ_PLATFORMS[str(one)] for one in names if str(one) in READ_PLATFORMS})
