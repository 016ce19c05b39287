"""Calls to copy really call: the shell's is one command, the Python one compiles, and JavaScript carries the same."""

from __future__ import annotations

import ast
import json
import shlex

from hypothesis import given
from hypothesis import strategies as st

from terpadu.exchange.rules.snippets import SampleCall, snippets_of

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
