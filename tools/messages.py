"""Keep the message catalogues: `extract` renews them from the code, `compile` makes what Django reads, `check` reports drift.

Every domain package owns `locale/id/LC_MESSAGES/django.po`; the English text is the message id. Babel reads and
writes the catalogues, so no gettext programs have to be installed.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SRC = Path(__file__).resolve().parent.parent / "src" / "terpadu"
PLURAL = {"ngettext", "ngettext_lazy", "npgettext"}
FUNCTIONS: dict[str, None] = dict.fromkeys(
    [
        "_",
        "gettext",
        "gettext_lazy",
        "gettext_noop",
        "ngettext",
        "ngettext_lazy",
        "pgettext",
        "pgettext_lazy",
        "npgettext",
    ]
)


def main(verb: str) -> int:
    """Run one verb; return the exit code."""
    if verb == "compile":
        for path in sorted(SRC.glob("*/locale/*/LC_MESSAGES/django.po")):
            compile_catalogue(path)
        return 0
    problems = [problem for domain in domains() for problem in renew(domain, write=verb == "extract")]
    print("\n".join(problems)) if problems else None
    return 1 if problems else 0


def domains() -> list[Path]:
    """Return every domain package, sorted by name."""
    return sorted(path.parent for path in SRC.glob("*/__init__.py"))


def compile_catalogue(path: Path) -> None:
    """Write the binary catalogue beside a .po file, unless it is newer already."""
    target = path.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
        return
    with path.open("rb") as source, target.open("wb") as binary:
        write_mo(binary, read_po(source, locale=path.parts[-3]))


def renew(domain: Path, *, write: bool) -> list[str]:
    """Compare a domain's catalogue with its code; write it anew when asked. Return what is wrong, by line."""
    template = Catalog(locale="id", charset="utf-8")
    for message_id, context in messages_of(domain):
        template.add(message_id, context=context, flags=flags_of(message_id))
    path = domain / "locale" / "id" / "LC_MESSAGES" / "django.po"
    if not len(template) and not path.exists():
        return []
    catalogue = read_catalogue(path)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    text = written(catalogue)
    problems = [
        f"{domain.name}: not translated: {message.id!r}" for message in catalogue if is_missing(message)
    ]
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    elif not path.exists() or path.read_bytes() != text:
        problems.append(f"{domain.name}: the catalogue is not up to date: run `make messages`")
    return problems


def is_missing(message: Message) -> bool:
    """Tell whether a message has no Indonesian text yet."""
    if not message.id:
        return False
    text = indonesian(message)
    return message.fuzzy or not (text[0] if isinstance(text, tuple) else text)


def indonesian(message: Message) -> str | tuple[str, ...]:
    """Return a message's text; of plural forms Indonesian has one."""
    text = message.string or ""
    return text if isinstance(text, str) else tuple(text[:1])


def read_catalogue(path: Path) -> Catalog:
    """Return the catalogue at a path, or an empty one."""
    if not path.exists():
        return Catalog(locale="id", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="id")


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as bytes that depend on its messages alone."""
    plain = Catalog(
        locale="id", charset="utf-8", header_comment="# Indonesian texts. Renew with `make messages`."
    )
    plain.mime_headers = [("Plural-Forms", "nplurals=1; plural=0;")]  # Babel takes Indonesian to have two
    for message in sorted((m for m in catalogue if m.id), key=lambda m: (str(m.id), m.context or "")):
        plain.add(message.id, indonesian(message), flags=message.flags, context=message.context)
    buffer = io.BytesIO()
    write_po(buffer, plain, no_location=True, omit_header=True, width=110)
    header = (
        '# Indonesian texts. Renew with `make messages`.\nmsgid ""\nmsgstr ""\n"Language: id\\n"\n'
        '"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    )
    return header.encode() + buffer.getvalue()


def flags_of(message_id: str | tuple[str, ...]) -> list[str]:
    """Return the format flag that a message with placeholders carries."""
    first = message_id if isinstance(message_id, str) else message_id[0]
    return ["python-format"] if "%(" in first else []


def messages_of(domain: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield (message id, context) of every text in a domain's code and templates, in file order."""
    for path in sorted(domain.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            yield from extracted(path.read_text())
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            yield from extracted(templatize(path.read_text(), origin=str(path)))


def extracted(source: str) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield (message id, context) of every gettext call in Python source."""
    for _line, function, found, _comments in extract_python(io.BytesIO(source.encode()), FUNCTIONS, [], {}):
        texts = [text for text in (found if isinstance(found, tuple | list) else [found]) if text]
        if not texts or function is None:
            continue
        context = texts.pop(0) if "pgettext" in function else None
        if texts:
            yield (tuple(texts[:2]) if str(function) in PLURAL else texts[0]), context


if __name__ == "__main__":
    settings.configure()
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
