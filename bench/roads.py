"""Roads, lanes and proxies that the benchmarks of the exchange measure, and what their processes cost."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from bench.load import Plan, Result
from tests.gateway.country import NIK, REGISTRY, SERVICE, SYSTEM_KEY, Country
from tests.gateway.processes import BUILD, HURRY, ROOT, Gateway, free_port, port_is_open, wait_until
from tests.gateway.road import Road, call_headers, make_road

CONNECTIONS = 128
MANY_CONNECTIONS = 512
GATEWAY = ("-m", "terpadu_gateway", "--config")
"""The gateway as it is, without the clock that tests set."""
SUMMARY = "/ringkasan/36.71"
"""2 kB of JSON about nobody, by GET."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Lane:
    """One way to the registry: where to send what, and the processes that carry it."""

    port: int
    request: str
    pids: tuple[int, ...]

    def measure(
        self,
        seconds: float,
        *,
        rate: float = 0.0,
        connections: int = CONNECTIONS,
        mix: tuple[tuple[str, float], ...] = (),
    ) -> tuple[Result, float]:
        """Return (result, CPU milliseconds of the carrying processes per answer)."""
        before = sum(map(cpu_seconds, self.pids))
        plan = Plan(self.port, self.request, connections, seconds, rate=rate, mix=mix)
        result = measure(plan)
        spent = sum(map(cpu_seconds, self.pids)) - before
        return result, spent * 1000 / max(1.0, result.per_second * (plan.seconds + plan.warm_up))


def measure(plan: Plan) -> Result:
    """Run a plan in a process of its own."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=orjson.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        check=True,
        timeout=plan.seconds + plan.warm_up + 60,
        cwd=ROOT,
        env=environment,
    )
    return Result(**orjson.loads(done.stdout))


@contextmanager
def running_road(
    folder: Path, *, program: Sequence[str] = GATEWAY, build: Path = BUILD, limits: str = ""
) -> Iterator[Road]:
    """Run a road; its control plane takes the records without looking into them.

    Args:
        folder: where its files are.
        program: arguments of the interpreter that start a gateway; its configuration follows.
        build: where its modules are: the source, or the native build.
        limits: further settings of both gateways.
    """
    road = make_road(folder, limits=limits)
    road.plane.reads_records = False
    for gateway, core in zip((road.portal, road.agency), two_cores(), strict=True):
        settle(gateway, core)
        gateway.run_as([*program, str(gateway.config)], build=build)
    try:
        road.start()
        yield road
    finally:
        road.close()


def two_cores() -> tuple[int, int]:
    """Return a core for what stands at each end of a road; the same one where there is no other."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[0], cores[-1]


def settle(gateway: Gateway, core: int) -> None:
    """Let a gateway ask the control plane as often as it does by default, and keep it to a core."""
    text = gateway.config.read_text()
    gateway.config.write_text(text.replace(HURRY, f"processor = {core}"))


def road_lane(road: Road, path: str = SUMMARY, *, method: str = "GET", body: str = "") -> Lane:
    """Return the way through both gateways."""
    request = request_text(f"/{REGISTRY}/{SERVICE}{path}", call_headers(), method=method, body=body)
    return Lane(int(road.outway_url.rpartition(":")[2]), request, (road.portal.pid, road.agency.pid))


def search_lane(road: Road) -> Lane:
    """Return the way of a question about a person: field rules, pseudonym, matching answer."""
    return road_lane(road, "/penduduk/cari", method="POST", body=f'{{"nik":"{NIK}"}}')


def direct_lane(road: Road, path: str = SUMMARY) -> Lane:
    """Return the way to the registry itself."""
    return Lane(road.system_port, request_text(path, system_headers()), ())


def system_headers() -> dict[str, str]:
    """Return what the registry wants to see."""
    return {"x-api-key": SYSTEM_KEY, "content-type": "application/json"}


def request_text(path: str, headers: dict[str, str], *, method: str = "GET", body: str = "") -> str:
    """Return a raw HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"content-length: {len(body)}"] if body else []
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body])


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started (Linux)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    started = [int(one) for task in tasks for one in (task / "children").read_text().split()]
    return [found for child in started for found in (child, *descendants(child))]


def memory_mb(pid: int) -> float:
    """Return the memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


@contextmanager
def proxy_lane(road: Road, path: str = SUMMARY) -> Iterator[Lane | None]:
    """Run two nginx, each on a core of its own, plain in front and mTLS between, before the registry; None without nginx."""
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
        for process, core in zip(processes, two_cores(), strict=True):
            os.sched_setaffinity(process.pid, {core})
        wait_until(lambda: port_is_open(front) and port_is_open(back))
        yield Lane(front, request_text(path, system_headers()), tuple(process.pid for process in processes))
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
events {{ worker_connections {MANY_CONNECTIONS * 4}; }}
http {{ access_log off; keepalive_requests 1000000; {temporary}
{lines.replace("PORT", str(port))}
}}"""
    )
    return config


_PROXY = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header X-API-Key $http_x_api_key;'


def _front_lines(country: Country, back: int) -> str:
    peer = country.portal
    return f"""upstream back {{ server 127.0.0.1:{back}; keepalive {MANY_CONNECTIONS * 2}; keepalive_requests 1000000; }}
server {{ listen 127.0.0.1:PORT; location / {{ proxy_pass https://back; {_PROXY}
proxy_ssl_certificate {peer.certificate_file}; proxy_ssl_certificate_key {peer.key_file};
proxy_ssl_trusted_certificate {country.authority.file}; proxy_ssl_verify on; proxy_ssl_name localhost;
proxy_ssl_protocols TLSv1.3; }} }}"""


def _back_lines(road: Road) -> str:
    peer = road.country.registry
    return f"""upstream registry {{ server 127.0.0.1:{road.system_port}; keepalive {MANY_CONNECTIONS * 2}; keepalive_requests 1000000; }}
server {{ listen 127.0.0.1:PORT ssl; ssl_certificate {peer.certificate_file}; ssl_certificate_key {peer.key_file};
ssl_client_certificate {road.country.authority.file}; ssl_verify_client on; ssl_protocols TLSv1.3;
location / {{ proxy_pass http://registry; {_PROXY} }} }}"""
