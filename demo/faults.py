"""Fault switches of the demo agencies' systems, so that faults can be tried on real processes.

`--faults FILE` names a JSON file that is read again whenever it changes; a missing file means no faults.
It maps an operation (its operationId), or `*` for all, to what goes wrong:

    {"cariKeluarga": {"delay_ms": 6000}}       answer six seconds late
    {"cariKeluarga": {"status": 503}}          answer with that HTTP status (400 or above)
    {"cariKeluarga": {"garbage": true}}        answer 200 with bytes that are no JSON
    {"cariKeluarga": {"misshapen": true}}      answer 200 with JSON that breaks the OpenAPI document
    {"cariKeluarga": {"wrong_person": true}}   answer about somebody else

`delay_ms` goes together with each of the others.
"""

from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

GARBAGE = b"<html>\x00\xff{ 500 }"


def _an_error(status: HTTPStatus) -> HTTPStatus:
    if status < HTTPStatus.BAD_REQUEST:
        raise ValueError("must be 400 or above")
    return status


class Fault(BaseModel):
    """What goes wrong in one operation; nothing by default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay_ms: int = Field(default=0, ge=0, le=120_000)
    status: Annotated[HTTPStatus, AfterValidator(_an_error)] | None = None
    garbage: bool = False
    misshapen: bool = False
    wrong_person: bool = False


NO_FAULT = Fault()
_FILE = TypeAdapter(dict[str, Fault])


class FaultFileError(ValueError):
    """Raise when a fault file is not the JSON described above."""


class Faults:
    """The faults of one program, as its file says at this moment."""

    def __init__(self, path: Path | None) -> None:
        """Watch `path`; None means that the program never fails on purpose."""
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._faults: dict[str, Fault] = {}

    def of(self, operation: str) -> Fault:
        """Return the fault of an operation (operationId).

        Raises:
            FaultFileError: the file holds something else; the message has no content of it.
        """
        if self._path is None:
            return NO_FAULT
        self._refresh(self._path)
        return self._faults.get(operation) or self._faults.get("*") or NO_FAULT

    def _refresh(self, path: Path) -> None:
        try:
            stat = path.stat()
        except FileNotFoundError:
            self._seen, self._faults = None, {}
            return
        seen = (stat.st_mtime_ns, stat.st_size)
        if seen == self._seen:
            return
        try:
            self._faults = _FILE.validate_json(path.read_bytes())
        except ValidationError as error:
            places = ", ".join(".".join(map(str, problem["loc"])) or "file" for problem in error.errors())
            raise FaultFileError(f"fault file is wrong at: {places}") from error
        self._seen = seen
