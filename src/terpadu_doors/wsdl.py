"""WSDL and XML from outside: read without entities or DTD, loaded from allowed places alone, saved once with imports."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError
from defusedxml.ElementTree import fromstring as check_fromstring
from lxml import etree
from lxml.etree import XMLSyntaxError as LxmlSyntaxError
from zeep import Client
from zeep.exceptions import Error as ZeepError
from zeep.settings import Settings
from zeep.transports import Transport
from zeep.wsdl.bindings.soap import SoapBinding

from terpadu_doors.fetching import Fetcher
from terpadu_doors.problems import DescribeError, DoorProblem

MAX_DOCUMENTS = 50
_SETTINGS = Settings(strict=True, forbid_dtd=True, forbid_entities=True, force_https=False)
_SECONDS = 10.0
_FILES = "file:///wsdl/"
"""Under this name files are known to each other, wherever their folder stands."""


@dataclass(frozen=True, slots=True)
class SavedWsdl:
    """A WSDL with everything it imports: where each document came from, and its bytes."""

    entry: str
    documents: Mapping[str, bytes]

    def to_json(self) -> bytes:
        """Return it as one file."""
        texts = {url: base64.b64encode(raw).decode("ascii") for url, raw in self.documents.items()}
        return orjson.dumps({"entry": self.entry, "documents": texts})


def read_saved(path: Path) -> SavedWsdl:
    """Return a WSDL that was saved.

    Raises:
        DoorProblem: ``door.unavailable``; the file is missing or damaged.
    """
    try:
        value = orjson.loads(path.read_bytes())
        documents = {url: base64.b64decode(text) for url, text in value["documents"].items()}
        return SavedWsdl(value["entry"], documents)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DoorProblem(
            "door.unavailable", "the saved WSDL cannot be read; connect the service again"
        ) from error


def fetch_wsdl(place: str, *, fetcher: Fetcher) -> SavedWsdl:
    """Return a WSDL and all that it imports, from an address or from a folder of files.

    Args:
        place: http(s) address, or path of a file; a file may import only files of its own folder and below.
        fetcher: for addresses; it refuses those that the operator does not allow.

    Raises:
        DescribeError: it cannot be reached, is no WSDL, or imports from where it may not.
    """
    load = _from_address(fetcher) if _is_address(place) else _from_folder(Path(place).resolve().parent)
    entry = place if _is_address(place) else f"{_FILES}{Path(place).name}"
    transport = _Saving(load)
    if not soap_ports(make_client(SavedWsdl(entry, {}), transport=transport)):
        raise DescribeError(
            "wsdl.port", "the WSDL offers no SOAP port; is this the address with ?wsdl at its end?"
        )
    return SavedWsdl(entry, transport.documents)


def make_client(saved: SavedWsdl, *, transport: Transport | None = None) -> Client:
    """Return zeep's reading of a saved WSDL; nothing is loaded from anywhere else.

    Raises:
        DescribeError: it is no WSDL that can be used.
    """
    try:
        return Client(saved.entry, transport=transport or _Saved(saved), settings=_SETTINGS)
    except (
        ZeepError,
        LxmlSyntaxError,
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        RecursionError,
    ) as error:
        raise DescribeError(
            "wsdl.invalid", f"this is no WSDL that can be used ({type(error).__name__})"
        ) from error


def soap_ports(client: Client) -> dict[tuple[str, str], SoapBinding]:
    """Return the SOAP bindings of a WSDL by (service, port)."""
    return {
        (service.name, port.name): port.binding
        for service in client.wsdl.services.values()
        for port in service.ports.values()
        if isinstance(port.binding, SoapBinding)
    }


def parse_envelope(raw: bytes) -> etree._Element:
    """Return the root of an XML message without entities, DTD or processing from outside.

    Raises:
        DoorProblem: ``door.answer_garbled``.
    """
    check_xml(raw)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(raw, parser=parser)
    except (LxmlSyntaxError, ValueError) as error:
        raise DoorProblem("door.answer_garbled", "the system did not answer with XML") from error


def check_xml(raw: bytes) -> None:
    """Refuse XML with a document type, before a parser that would follow it sees it.

    Raises:
        DoorProblem: ``door.answer_garbled``.
    """
    try:
        check_fromstring(raw, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise DoorProblem("door.answer_garbled", "the XML declares a document type or entities") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise DoorProblem("door.answer_garbled", "this is not XML") from error


class _Saving(Transport):
    """Loads documents through a loader of ours and remembers them."""

    def __init__(self, load: Callable[[str], bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # zeep's transport has no annotations
        self._load = load
        self.documents: dict[str, bytes] = {}

    def load(self, url: str) -> bytes:
        """Return a document, checked."""
        if url not in self.documents:
            if len(self.documents) >= MAX_DOCUMENTS:
                raise DescribeError("wsdl.imports", f"the WSDL imports more than {MAX_DOCUMENTS} documents")
            raw = self._load(url)
            try:
                check_xml(raw)
            except DoorProblem as problem:
                raise DescribeError("wsdl.xml", f"{_shown(url)}: {problem.detail}") from problem
            self.documents[url] = raw
        return self.documents[url]


class _Saved(Transport):
    """Gives saved documents and reaches nothing else."""

    def __init__(self, saved: SavedWsdl) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # zeep's transport has no annotations
        self._documents = saved.documents

    def load(self, url: str) -> bytes:
        """Return a saved document."""
        try:
            return self._documents[url]
        except KeyError:
            raise DescribeError(
                "wsdl.imports", "the saved WSDL is not complete; connect the service again"
            ) from None


def _is_address(place: str) -> bool:
    return urlsplit(place).scheme in ("http", "https")


def _shown(url: str) -> str:
    return url.rpartition("/")[2][:80]


def _from_address(fetcher: Fetcher) -> Callable[[str], bytes]:
    def load(url: str) -> bytes:
        if not _is_address(url):
            raise DescribeError("wsdl.imports", "a WSDL from an address may not import files of this machine")
        try:
            found = fetcher.send(
                "GET", url, headers={"accept": "text/xml, application/xml"}, seconds=_SECONDS
            )
        except DoorProblem as problem:
            raise DescribeError("wsdl.unreachable", f"{_shown(url)}: {problem.kind.title}") from problem
        if found.status != 200:
            raise DescribeError("wsdl.unreachable", f"{_shown(url)}: the server answered {found.status}")
        return found.body

    return load


def _from_folder(folder: Path) -> Callable[[str], bytes]:
    def load(url: str) -> bytes:
        path = (folder / unquote(url.removeprefix(_FILES))).resolve()
        if not url.startswith(_FILES) or not path.is_relative_to(folder):
            raise DescribeError(
                "wsdl.imports", "a WSDL file may import only files beside it; download them there first"
            )
        try:
            return path.read_bytes()
        except OSError as error:
            raise DescribeError("wsdl.unreachable", f"{_shown(url)}: {error.strerror}") from error

    return load
