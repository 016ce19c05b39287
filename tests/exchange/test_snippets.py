"""Calls to copy really call: the shell's is one command, the Python one compiles, and JavaScript carries the same."""

from __future__ import annotations

import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terpadu.exchange.rules.snippets import SampleCall, Snippets, snippets_of
from tests.doors.fakes import fake_system
from tests.gateway.processes import ROOT

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)
CALLS = st.builds(
    SampleCall,
    gateway=st.just("http://127.0.0.1:8011"),
    service=st.just("00000002/kependudukan"),
    method=st.sampled_from(["GET", "POST"]),
    path=st.just("/v1/cari"),
    purpose=TEXTS,
    evidence=TEXTS,
    body=st.none() | st.dictionaries(TEXTS, TEXTS | st.integers() | st.booleans(), max_size=3),
)


@given(CALLS)
def test_each_snippet_carries_the_call_whatever_its_words_are(call: SampleCall) -> None:
    found = snippets_of(call)
    words = shlex.split(
        found.shell.replace("\\\n", " ").replace('"Authorization: Bearer $(cat', "A: b").replace(')"', "", 1)
    )
    assert words[0] == "curl"
    assert f"Terpadu-Purpose: {call.purpose}" in words
    if call.body is not None:
        assert json.loads(words[words.index("-d") + 1]) == call.body
    calls = [node for node in ast.walk(ast.parse(found.python)) if isinstance(node, ast.Call)]
    told = {
        key.arg: ast.literal_eval(key.value)
        for node in calls
        for key in node.keywords
        if key.arg in ("purpose", "evidence", "body")
    }
    assert told["purpose"] == call.purpose
    assert told.get("body") == call.body
    assert json.dumps(call.purpose, ensure_ascii=False) in found.javascript


LANGUAGES = {
    "shell": lambda found: ["sh", "-c", found.shell],
    "python": lambda found: [sys.executable, "-c", found.python],
    "javascript": lambda found: ["node", "--input-type=module", "--eval", found.javascript],
}


def run(language: str, found: Snippets, folder: Path) -> str:
    """Run a snippet as somebody who has copied it would, and return what it prints."""
    command = LANGUAGES[language](found)
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not on this machine")
    (folder / "application.key").write_text("kunci\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_snippet_runs_and_makes_the_same_call_in_every_language(language: str, tmp_path: Path) -> None:
    body = {"nik": "3671015406920003", "catatan": 'O\'Brien "é" $HOME `x`'}
    with fake_system() as gateway:
        gateway.answer = lambda asked: (
            200,
            {"Content-Type": "application/json", "Fsc-Transaction-Id": "0198d0a0"},
            b'{"nama": "Siti"}',
        )
        call = SampleCall(gateway.url, "2/kependudukan", "POST", "/v1/cari", "uji.coba", "KASUS-0001", body)
        printed = run(language, snippets_of(call), tmp_path)

    assert "Siti" in printed
    (asked,) = gateway.asked
    assert (asked.method, asked.path) == ("POST", "/2/kependudukan/v1/cari")
    assert json.loads(asked.body) == body
    wanted = {
        "authorization": "Bearer kunci",
        "terpadu-purpose": "uji.coba",
        "terpadu-evidence": "KASUS-0001",
        "content-type": "application/json",
    }
    assert {name: asked.headers.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("language", ["shell", "javascript"])
def test_snippet_of_a_soap_operation_posts_the_envelope(language: str, tmp_path: Path) -> None:
    with fake_system() as gateway:
        gateway.says(b"<jawaban/>")
        call = SampleCall(
            gateway.url, "5/dtsen", "POST", "/soap", "uji.coba", "", None, "<a b=\"c\">'$x'</a>", "text/xml"
        )
        printed = run(language, snippets_of(call), tmp_path)

    assert "<jawaban/>" in printed
    assert (gateway.asked[0].path, gateway.asked[0].body) == ("/5/dtsen/soap", call.envelope.encode())
    assert gateway.asked[0].headers["content-type"] == "text/xml"
    assert snippets_of(call).python == ""
