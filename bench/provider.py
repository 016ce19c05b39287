"""Full logins and system tokens a second and their cost, beside npm's oidc-provider; each step beside a million accounts.

A login: pushed request, authorization (signed in, consent given), tokens with DPoP, private_key_jwt at both endpoints. One web
process, PostgreSQL and the client all on this machine. The baseline runs twice: on the same PostgreSQL, as it would in earnest, and
with everything in memory, for what writing costs. Ours and the baseline take turns and medians count. Beside the rate stands the
processor time of the serving process, which says more where other programs share the machine: without PostgreSQL's and the client's.
"""

from __future__ import annotations

import json
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from bench.provider_client import Plan, Result, Worker, measure
from bench.provider_world import World, running_baseline, running_provider
from bench.roads import cpu_seconds, descendants

ROUNDS = 3
Figure = dict[str, Any]


def run() -> Iterator[Figure]:
    """Yield the figures one by one."""
    with running_provider() as world:
        ours = Side(_plan(world.url, world.seed, world.seed["cookie"]), world.pid)
        for store, note in (("postgres", ""), ("memory", " (baseline keeps nothing)")):
            with running_baseline(world, store=store) as node:
                theirs = Side(_plan_of_baseline(node), node.pid) if node else None
                yield from _both(ours, theirs, note=note)
        yield from _steps(world, _as(ours, "login").plan)


@dataclass(frozen=True)
class Side:
    """A provider to drive: what to do there, and the process that serves, which may have started others."""

    plan: Plan
    pid: int


def _both(ours: Side, theirs: Side | None, *, note: str) -> Iterator[Figure]:
    for mode, name, unit in (("login", "logins", "logins/s"), ("credentials", "system-tokens", "tokens/s")):
        other = _as(theirs, mode) if theirs else None
        yield from _rates(f"provider.{name}", unit, _as(ours, mode), other, note=note)


def _as(side: Side, mode: str) -> Side:
    client = "bench-web" if mode == "login" else "bench-system"
    return replace(side, plan=replace(side.plan, mode=mode, client_id=client))


def _plan(url: str, seed: Mapping[str, Any], cookie: str) -> Plan:
    """Read the endpoints from discovery, whoever's they are."""
    known = httpx.get(f"{url}/.well-known/openid-configuration").json()
    endpoints = {
        "par": known["pushed_authorization_request_endpoint"],
        "authorize": known["authorization_endpoint"],
        "token": known["token_endpoint"],
    }
    return Plan(
        "login",
        known["issuer"],
        endpoints,
        "bench-web",
        seed["key"],
        seed["dpop"],
        seed["redirect_uri"],
        cookie,
    )


def _rates(name: str, unit: str, ours: Side, theirs: Side | None, *, note: str) -> Iterator[Figure]:
    own, other = [], []
    for _ in range(ROUNDS):
        own.append(_cost(ours))
        if theirs:
            other.append(_cost(theirs))
    yield _median(f"{name}{note}", unit, [rate for rate, _ in own], [rate for rate, _ in other])
    cost = f"{name}, processor of the serving process{note}"
    yield _median(cost, "ms each", [ms for _, ms in own], [ms for _, ms in other])


def _median(name: str, unit: str, own: list[float], other: list[float]) -> Figure:
    value = round(statistics.median(own), 2)
    baseline = round(statistics.median(other), 2) if other else None
    ratio = round(value / baseline, 2) if baseline else None
    return {"bench": name, "value": value, "unit": unit, "baseline": baseline, "ratio": ratio}


def _cost(side: Side) -> tuple[float, float]:
    """Return (rounds a second, processor milliseconds of the serving process for each)."""
    pids = [side.pid, *descendants(side.pid)]
    before = sum(map(cpu_seconds, pids))
    result = _drive(side.plan)
    spent = sum(map(cpu_seconds, pids)) - before
    seconds = side.plan.seconds + side.plan.warm_up
    return result.per_second, spent * 1000 / max(1.0, result.per_second * seconds)


def _drive(plan: Plan) -> Result:
    """Run the client in a program of its own. Raises RuntimeError when rounds failed."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.provider_client"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[1],
    )
    result = Result(**json.loads(done.stdout))
    if result.failed:
        raise RuntimeError(f"{result.failed} rounds failed: {result.first_fault}")
    return result


def _steps(world: World, plan: Plan) -> Iterator[Figure]:
    """Yield p95 of each step with a million accounts; the baseline is the same with one."""
    alone = replace(plan, threads=1, seconds=6.0)
    before = [measure(alone).p95 for _ in range(ROUNDS)]
    world.call("crowd")
    after = [measure(alone).p95 for _ in range(ROUNDS)]
    for step in before[0]:
        value = statistics.median(one[step] for one in after)
        baseline = statistics.median(one[step] for one in before)
        ratio = round(value / baseline, 2)
        yield {
            "bench": f"provider.{step} beside a million accounts",
            "value": value,
            "unit": "ms p95",
            "baseline": baseline,
            "ratio": ratio,
        }


def _plan_of_baseline(node: World) -> Plan:
    return _plan(node.url, node.seed, _sign_in_at_baseline(node.url, node.seed))


def _sign_in_at_baseline(url: str, seed: Mapping[str, Any]) -> str:
    """Sign in once through the baseline's own pages, and agree; return the cookies."""
    plan = _plan(url, seed, "")
    pushed = Worker(plan)._par()
    with httpx.Client(base_url=url) as browser:
        query = {"client_id": "bench-web", "request_uri": pushed["request_uri"]}
        page = _follow(browser, browser.get(plan.endpoints["authorize"], params=query), seed)
        for fields in ({"prompt": "login", "login": "siti", "password": "x"}, {"prompt": "consent"}):
            found = re.search(r'action="([^"]+)"', page.text)
            if not found:
                raise LookupError("the baseline shows no form")
            page = _follow(browser, browser.post(found[1], data=fields), seed)
        return "; ".join(
            f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar if "session" in cookie.name
        )


def _follow(browser: httpx.Client, response: httpx.Response, seed: Mapping[str, Any]) -> httpx.Response:
    while response.is_redirect and not response.headers["location"].startswith(seed["redirect_uri"]):
        response = browser.get(response.headers["location"])
    return response
