"""Load an instrument's file, or say everything that is wrong with it: file, line, place and remedy."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from terpadu.maturity.errors import InstrumentExists, InstrumentInvalid, InstrumentUnknown
from terpadu.maturity.faults import Fault
from terpadu.maturity.instruments.build import build_instrument, build_mapping
from terpadu.maturity.instruments.checks import find_faults
from terpadu.maturity.instruments.schema import ComparisonFile, InstrumentFile
from terpadu.maturity.rules.comparison import InstrumentMapping
from terpadu.maturity.rules.instrument import Instrument

HERE = Path(__file__).resolve().parent
COMPARISONS = "comparisons.yaml"
Form = TypeVar("Form", bound=BaseModel)
LARGEST_BYTES = 2_000_000
CODES = {
    "missing": "instrument_field_missing",
    "extra_forbidden": "instrument_field_unknown",
    "number_inexact": "instrument_number_inexact",
}


@cache
def instrument_get(code: str) -> Instrument:
    """Return an instrument by its code. Raises InstrumentUnknown, InstrumentInvalid. Read once for each process."""
    path = _paths().get(code)
    if path is None:
        raise InstrumentUnknown(given=code[:60], known=", ".join(instrument_codes()))
    return instrument_parse(path.read_bytes(), file=path.name)


def instrument_codes() -> tuple[str, ...]:
    """Return the codes of the instruments that come along and of those that were loaded here, sorted."""
    return tuple(sorted(_paths()))


def instrument_load(raw: bytes, *, file: str) -> Instrument:
    """Check a new instrument and keep it with this installation's data; from then on rounds can use it.

    A code is given once: results stand on the file that they were computed with. Raises InstrumentInvalid,
    InstrumentExists.
    """
    form = instrument_parse(raw, file=file)
    if form.code in _paths():
        raise InstrumentExists(code=form.code)
    folder = _loaded_folder()
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{form.code}.{form.sha256}"
    draft.write_bytes(raw)
    draft.rename(folder / f"{form.code}.yaml")
    return form


def _paths() -> dict[str, Path]:
    """Return the file of each instrument; those that come along cannot be replaced by loaded ones."""
    found = [*_loaded_folder().glob("*.yaml"), *HERE.glob("*.yaml")]
    return {path.stem: path for path in found if path.name != COMPARISONS}


def _loaded_folder() -> Path:
    return Path(settings.DATA_DIR) / "instruments"


def instrument_parse(raw: bytes, *, file: str) -> Instrument:
    """Turn the bytes of a file into an instrument. Raises InstrumentInvalid with every fault found.

    file: the name that faults are shown with.
    """
    document = _document(raw, file=file)
    parsed = _validated(InstrumentFile, document, file=file)
    faults = find_faults(parsed)
    if faults:
        raise InstrumentInvalid(file=file, faults=[_placed(fault, document) for fault in faults])
    return build_instrument(parsed, sha256=hashlib.sha256(raw).hexdigest())


@cache
def comparison_mappings() -> tuple[InstrumentMapping, ...]:
    """Return every decision by which two instruments may be compared. Raises InstrumentInvalid."""
    return comparison_parse((HERE / COMPARISONS).read_bytes(), file=COMPARISONS)


def comparison_parse(raw: bytes, *, file: str) -> tuple[InstrumentMapping, ...]:
    """Turn the bytes of a file of comparability into mappings. Raises InstrumentInvalid."""
    parsed = _validated(ComparisonFile, _document(raw, file=file), file=file)
    return tuple(build_mapping(part) for part in parsed.mappings)


def _document(raw: bytes, *, file: str) -> CommentedMap:
    if len(raw) > LARGEST_BYTES:
        raise InstrumentInvalid(file=file, faults=[Fault(code="instrument_too_large")])
    try:
        document = YAML(typ="rt").load(raw)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise InstrumentInvalid(file=file, faults=[Fault(code="instrument_not_yaml", line=line)]) from None
    except (YAMLError, UnicodeDecodeError):
        raise InstrumentInvalid(file=file, faults=[Fault(code="instrument_not_yaml")]) from None
    if not isinstance(document, CommentedMap):
        raise InstrumentInvalid(file=file, faults=[Fault(code="instrument_not_yaml", line=1)])
    return document


def _validated(form: type[Form], document: CommentedMap, *, file: str) -> Form:
    try:
        return form.model_validate(_plain(document))
    except ValidationError as error:
        faults = [_form_fault(one, document) for one in error.errors(include_url=False, include_input=False)]
        raise InstrumentInvalid(file=file, faults=faults) from None


def _plain(node: Any) -> Any:
    """Return plain dictionaries and lists, so that strict validation sees no type of the YAML library."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for plain in (int, float, str):
        if isinstance(node, plain):
            return plain(node)
    return str(node)


def _form_fault(error: Any, document: CommentedMap) -> Fault:
    path: Sequence[str | int] = error["loc"]
    code = CODES.get(error["type"], "instrument_field_wrong")
    values = {"name": str(path[-1]) if path else "", "reason": str(error["msg"])}
    return Fault(code=code, line=_line(path, document), place=_written(path), values=values)


def _placed(fault: Fault, document: CommentedMap) -> Fault:
    path: list[str | int] = []
    for part in fault.place.replace("]", "").split("."):
        name, *numbers = part.split("[")
        path += [name, *(int(number) for number in numbers)]
    return Fault(code=fault.code, line=_line(path, document), place=fault.place, values=fault.values)


def _written(path: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _line(path: Sequence[str | int], document: CommentedMap) -> int:
    """Return the line of the deepest part of a path that the file has, 1-based."""
    node: Any = document
    line = 0
    for part in path:
        try:
            line = (node.lc.key(part) if isinstance(node, CommentedMap) else node.lc.item(part))[0]
            node = node[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
        if not isinstance(node, CommentedMap | CommentedSeq):
            break
    return line + 1
