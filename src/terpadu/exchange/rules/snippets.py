"""A call of a contract to copy: for a shell, for Python and for JavaScript. Pure."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True)
class SampleCall:
    """A call to write down. gateway: base address; service: "<peer id>/<interface>"; body: None when there is none.

    envelope: the SOAP envelope instead of a body, "" for none; content_type: what it travels as.
    """

    gateway: str
    service: str
    method: str
    path: str
    purpose: str
    evidence: str
    body: JsonValue
    envelope: str = ""
    content_type: str = "application/json"

    @property
    def text(self) -> str:
        """The request's body as text, "" when there is none."""
        return self.envelope or ("" if self.body is None else _json(self.body))


@dataclass(frozen=True)
class Snippets:
    """The same call in three languages; the application's key is read from a file in each, and never written down.

    python: "" where its client has no part in the call.
    """

    shell: str
    python: str
    javascript: str


def snippets_of(call: SampleCall) -> Snippets:
    """Return a call in three languages."""
    return Snippets(_shell(call), "" if call.envelope else _python(call), _javascript(call))


def _shell(call: SampleCall) -> str:
    lines = [
        f"curl -sS -X {call.method} {shlex.quote(f'{call.gateway}/{call.service}{call.path}')}",
        '-H "Authorization: Bearer $(cat application.key)"',
        f"-H {shlex.quote(f'Terpadu-Purpose: {call.purpose}')}",
    ]
    if call.evidence:
        lines.append(f"-H {shlex.quote(f'Terpadu-Evidence: {call.evidence}')}")
    if call.text:
        lines.append(f"-H {shlex.quote(f'Content-Type: {call.content_type}')} -d {shlex.quote(call.text)}")
    return " \\\n  ".join(lines)


def _python(call: SampleCall) -> str:
    members = [f"    {call.service!r}, {call.method!r}, {call.path!r},", f"    purpose={call.purpose!r},"]
    if call.evidence:
        members.append(f"    evidence={call.evidence!r},")
    if call.body is not None:
        members.append(f"    body={call.body!r},")
    return "\n".join(
        (
            "from pathlib import Path",
            "from terpadu_client import Client",
            "",
            f'client = Client({call.gateway!r}, key=Path("application.key").read_text())',
            "answer = client.call(",
            *members,
            ")",
            "print(answer.body, answer.transaction_id)",
        )
    )


def _javascript(call: SampleCall) -> str:
    headers = {"Terpadu-Purpose": call.purpose}
    headers |= {"Terpadu-Evidence": call.evidence} if call.evidence else {}
    headers |= {"Content-Type": call.content_type} if call.text else {}
    body, read = "", "text" if call.envelope else "json"
    if call.text:
        body = f"  body: {_json(call.envelope) if call.envelope else f'JSON.stringify({call.text})'},\n"
    return (
        'import { readFile } from "node:fs/promises";\n'
        'const key = (await readFile("application.key", "utf8")).trim();\n'
        f"const answer = await fetch({_json(f'{call.gateway}/{call.service}{call.path}')}, {{\n"
        f"  method: {_json(call.method)},\n"
        f"  headers: {{ Authorization: `Bearer ${{key}}`, ...{_json(headers)} }},\n"
        f"{body}}});\n"
        f'console.log(await answer.{read}(), answer.headers.get("fsc-transaction-id"));'
    )


def _json(value: JsonValue | dict[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False)
