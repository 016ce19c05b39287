"""How many signed, recorded exchanges a second go through both gateways, beside nginx as a two-hop mTLS proxy.

All on this machine: load generator, consumer's gateway, provider's gateway, the registry, the control plane that takes
the records. nginx does no token, no signature, no decision, no record: its figures are the price of the transport alone.
Ours and nginx take turns, and medians count, so that what else runs on the machine weighs on both alike; CPU time per
exchange depends on it least.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from bench.load import Plan, Result
from tests.gateway.country import NIK, REGISTRY, SERVICE, SYSTEM_KEY, Country
from tests.gateway.processes import ROOT, free_port, port_is_open, wait_until
from tests.gateway.road import Road, call_headers, make_road

ROUNDS = 3
SECONDS = 4.0
CONNECTIONS = 48
STEADY_RATE = 300.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Lane:
    """One way to the registry: where to send what, and the processes that carry it."""

    port: int
    request: str
    pids: tuple[int, ...]

    def measure(self, *, rate: float = 0.0) -> tuple[Result, float]:
        """Return (result, CPU milliseconds of the carrying processes per answer)."""
        before = sum(map(_cpu_seconds, self.pids))
        plan = Plan(self.port, self.request, CONNECTIONS, SECONDS, rate=rate)
        result = measure(plan)
        spent = sum(map(_cpu_seconds, self.pids)) - before
        return result, spent * 1000 / max(1.0, result.per_second * (plan.seconds + plan.warm_up))


def run() -> Iterator[dict[str, object]]:
    """Yield the figures one by one: throughput, CPU, latency at full load and at a steady rate, memory."""
    with (
        tempfile.TemporaryDirectory(prefix="terpadu-bench-") as folder,
        _running_road(Path(folder) / "road") as road,
    ):
        ours = _our_lane(road)
        with _proxy_lane(road) as proxy:
            rounds = [(ours.measure(), proxy.measure() if proxy else None) for _ in range(ROUNDS)]
        own = [one for one, _ in rounds]
        other = [one for _, one in rounds if one is not None]
        yield _figure(
            "throughput", "exchanges/s", [r.per_second for r, _ in own], [r.per_second for r, _ in other]
        )
        yield _figure(
            "cpu_of_both_gateways", "ms/exchange", [cpu for _, cpu in own], [cpu for _, cpu in other]
        )
        yield _figure("p50_at_full_load", "ms", [r.p50 for r, _ in own], [r.p50 for r, _ in other])
        yield _figure("p99_at_full_load", "ms", [r.p99 for r, _ in own], [r.p99 for r, _ in other])
        yield _figure("errors", "answers", [float(r.errors) for r, _ in own], [])
        yield from _steady(ours, road)
        yield _figure("memory_at_load", "MB/gateway", [max(map(_memory_mb, ours.pids))], [])


def _steady(ours: Lane, road: Road) -> Iterator[dict[str, object]]:
    """Yield what both gateways add to the registry's own time at a steady rate."""
    headers = {"x-api-key": SYSTEM_KEY, "content-type": "application/json"}
    direct = Lane(road.system_port, request_text("/penduduk/cari", headers), ())
    through = [ours.measure(rate=STEADY_RATE)[0] for _ in range(ROUNDS)]
    straight, _ = direct.measure(rate=STEADY_RATE)
    for name in ("p50", "p99"):
        added = [getattr(one, name) - getattr(straight, name) for one in through]
        yield _figure(f"added_{name}_at_{STEADY_RATE:.0f}_per_s", "ms", added, [])


def _figure(name: str, unit: str, values: Sequence[float], baselines: Sequence[float]) -> dict[str, object]:
    value = round(statistics.median(values), 3)
    baseline = round(statistics.median(baselines), 3) if baselines else None
    ratio = round(value / baseline, 3) if baseline else None
    return {"bench": f"exchange.{name}", "value": value, "unit": unit, "baseline": baseline, "ratio": ratio}


def _our_lane(road: Road) -> Lane:
    request = request_text(f"/{REGISTRY}/{SERVICE}/penduduk/cari", call_headers())
    return Lane(int(road.outway_url.rpartition(":")[2]), request, (road.portal.pid, road.agency.pid))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def measure(plan: Plan) -> Result:
    """Run a plan in a process of its own."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=orjson.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        check=True,
        timeout=plan.seconds + plan.warm_up + 30,
        cwd=ROOT,
        env=environment,
    )
    return Result(**orjson.loads(done.stdout))


def request_text(path: str, headers: dict[str, str]) -> str:
    """Return a raw HTTP/1.1 request for a person's record."""
    body = f'{{"nik":"{NIK}"}}'
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body])


@contextmanager
def _running_road(folder: Path) -> Iterator[Road]:
    road = make_road(folder)
    try:
        road.start()
        yield road
    finally:
        road.close()


@contextmanager
def _proxy_lane(road: Road) -> Iterator[Lane | None]:
    """Two nginx, plain in front and mTLS between, before the same registry; None without nginx."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if nginx is None:
        yield None
        return
    front, back = free_port(), free_port()
    configs = [
        _nginx_config(road.country, "front", front, _front_lines(road.country, back)),
        _nginx_config(road.country, "back", back, _back_lines(road)),
    ]
    arguments = [[nginx, "-c", str(config), "-e", "stderr"] for config in configs]
    processes = [subprocess.Popen(one) for one in arguments]  # noqa: S603 (nginx, with our own files)
    try:
        wait_until(lambda: port_is_open(front) and port_is_open(back))
        headers = {"x-api-key": SYSTEM_KEY, "content-type": "application/json"}
        yield Lane(
            front, request_text("/penduduk/cari", headers), tuple(process.pid for process in processes)
        )
    finally:
        for process in processes:
            process.terminate()
            process.wait(10)


def _nginx_config(country: Country, name: str, port: int, lines: str) -> Path:
    folder = country.folder / f"nginx-{name}"
    folder.mkdir()
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"""daemon off; master_process off; pid {folder}/pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000; {temporary}
{lines.replace("PORT", str(port))}
}}"""
    )
    return config


_PROXY = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header X-API-Key $http_x_api_key;'


def _front_lines(country: Country, back: int) -> str:
    peer = country.portal
    return f"""upstream back {{ server 127.0.0.1:{back}; keepalive 64; keepalive_requests 1000000; }}
server {{ listen 127.0.0.1:PORT; location / {{ proxy_pass https://back; {_PROXY}
proxy_ssl_certificate {peer.certificate_file}; proxy_ssl_certificate_key {peer.key_file};
proxy_ssl_trusted_certificate {country.authority.file}; proxy_ssl_verify on; proxy_ssl_name localhost;
proxy_ssl_protocols TLSv1.3; }} }}"""


def _back_lines(road: Road) -> str:
    peer = road.country.registry
    return f"""upstream registry {{ server 127.0.0.1:{road.system_port}; keepalive 64; keepalive_requests 1000000; }}
server {{ listen 127.0.0.1:PORT ssl; ssl_certificate {peer.certificate_file}; ssl_certificate_key {peer.key_file};
ssl_client_certificate {road.country.authority.file}; ssl_verify_client on; ssl_protocols TLSv1.3;
location / {{ proxy_pass http://registry; {_PROXY} }} }}"""


if __name__ == "__main__":
    for line in run():
        sys.stdout.write(orjson.dumps(line).decode() + "\n")
        sys.stdout.flush()
