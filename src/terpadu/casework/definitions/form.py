"""What the applicant is asked: pages, fields, evidence, and the registers that answer instead."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from terpadu.casework.definitions.words import Identifier, Pointer, RuleText, Strict, Text
from terpadu.casework.enums import FieldType

FileKind = Literal["pdf", "jpg", "png"]
ScalarKind = Literal["text", "number", "date", "yes_no"]


class Read(Strict):
    """One value taken out of a register's answer.

    at: JSON pointer from the answer (or from the row, inside `of`). For a person, `nik` points to the NIK; with `name`,
    `birth_on` and `sex` the person is made known to the platform, without them only looked up.
    date_format: how the register writes days. values: the register's words to ours.
    """

    type: Literal["text", "number", "date", "yes_no", "person", "list"]
    at: Pointer = ""
    label: Text | None = None
    date_format: StrictStr = "%Y-%m-%d"
    values: dict[StrictStr, StrictStr] = Field(default_factory=dict)
    nik: Pointer | None = None
    name: Pointer | None = None
    birth_on: Pointer | None = None
    sex: Pointer | None = None
    of: dict[Identifier, Read] | None = None


class Source(Strict):
    """A call over the exchange: which service and operation, about whom, why, and what is read out of the answer.

    service: "<agency code>/<service name>". about: whose trail the call reaches. body: key of the request to one of
    `applicant.nik`, `subject.nik` or a rule. date_format: how the register wants days in the question.
    """

    service: Annotated[StrictStr, Field(pattern=r"^[a-z0-9_.]+/[a-z0-9_-]+$")]
    operation: StrictStr
    purpose: StrictStr
    label: Text
    about: Literal["applicant", "subject"]
    body: dict[StrictStr, RuleText]
    date_format: StrictStr = "%Y-%m-%d"
    reads: dict[Identifier, Read] = Field(min_length=1)


class Option(Strict):
    """One answer of a choice."""

    id: Identifier
    label: Text
    hint: Text | None = None


class Otherwise(Strict):
    """The way out of a list that lacks the right answer."""

    label: Text
    goto: Identifier


class FieldSpec(Strict):
    """One field of a page; which further words it may use depends on its type (see `checks`).

    prefill: rules tried in order; the first that has a value fills the field. locked: a prefilled value is shown as a
    fact that can be disputed, not as an input. ask_because: why it is asked although a register holds it. is_new_name: the text is a name
    to be registered, which the law wants in letters only.
    """

    id: Identifier
    type: FieldType
    label: Text
    hint: Text | None = None
    required: StrictBool = True
    options: tuple[Option, ...] = ()
    options_from: StrictStr | None = None
    options_when: RuleText | None = None
    otherwise: Otherwise | None = None
    prefill: tuple[RuleText, ...] = ()
    locked: StrictBool = False
    value: RuleText | None = None
    ask_because: Text | None = None
    accept: tuple[FileKind, ...] = ()
    within: StrictStr | None = None
    min: StrictInt | None = None
    max: StrictInt | None = None
    longest: Annotated[StrictInt, Field(ge=1, le=4000)] | None = None
    digits: Annotated[StrictInt, Field(ge=1, le=40)] | None = None
    is_new_name: StrictBool = False
    earliest: RuleText | None = None
    latest: RuleText | None = None


class Page(Strict):
    """One topic; shown in order of the file when `when` holds, or only when an `otherwise` leads to it."""

    id: Identifier
    title: Text
    intro: Text | None = None
    only_by: Literal["goto"] | None = None
    when: RuleText | None = None
    fields: tuple[FieldSpec, ...] = Field(min_length=1)


class Evidence(Strict):
    """A file that is asked only when `when` holds (usually: the register had no answer)."""

    id: Identifier
    label: Text
    hint: Text | None = None
    when: RuleText
    accept: tuple[FileKind, ...] = Field(min_length=1)


class Subject(Strict):
    """Whom the service is about.

    field: the `child` field that names the person; without it the subject is the applicant.
    declared_by: the `person` field that names them when no register does. facts: name to rules tried in order.
    """

    type: Literal["applicant", "child"]
    field: Identifier | None = None
    declared_by: Identifier | None = None
    facts: dict[Identifier, tuple[RuleText, ...]] = Field(default_factory=dict)


class Eligibility(Strict):
    """A condition; when it is known to be false the applicant is told why (`fail`), when it is not known an officer looks.

    label: the condition in few words, for the officer.
    """

    id: Identifier
    label: Text
    rule: RuleText
    fail: Text
    see: StrictStr | None = None
