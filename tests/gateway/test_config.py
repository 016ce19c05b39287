"""A configuration that is wrong gives one clear line; nothing starts half."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from terpadu_gateway.config import ConfigError, GatewayConfig, load_config, split_listen
from terpadu_gateway.identities import load_secrets
from terpadu_gateway.process import PartFailedError, end_tasks, until_stopped
from terpadu_gateway.processors import keep_to
from tests.gateway.road import Road

Change = Callable[[str], str]

WRONG: dict[str, tuple[Change, str]] = {
    "not TOML": (lambda text: text + "\n[", "not TOML"),
    "unknown key": (lambda text: "colour = 1\n" + text, "colour: Extra inputs are not permitted"),
    "missing key": (lambda text: text.replace("subject_key", "#"), "subject_key: Field required"),
    "wrong address": (
        lambda text: text.replace("127.0.0.1:", "everywhere:", 2),
        "outway.listen: Value error",
    ),
    "port that is none": (
        lambda text: text.replace('listen = "127.0.0.1:', 'listen = "127.0.0.1:9'),
        "65535",
    ),
    "outway on every address": (lambda text: text.replace("127.0.0.1", "10.0.0.1", 2), "loopback"),
    "unlisted peer": (
        lambda text: text.replace("[[peers]]\npeer_id = ", "[[peers]]\npeer_id = '1'#"),
        "not listed",
    ),
    "snapshot asked for too seldom": (
        lambda text: text.replace("snapshot_poll_seconds = 0.1", "snapshot_poll_seconds = 4.5"),
        "limits.snapshot_poll_seconds: Value error, must be above 0 and at most 4, so that a revoked contract",
    ),
    "snapshot never asked for": (
        lambda text: text.replace("snapshot_poll_seconds = 0.1", "snapshot_poll_seconds = inf"),
        "limits.snapshot_poll_seconds",
    ),
    "records never delivered": (
        lambda text: text.replace("shipping_poll_seconds = 0.1", "shipping_poll_seconds = inf"),
        "limits.shipping_poll_seconds: Input should be a finite number",
    ),
    "calls waited for without end": (
        lambda text: text.replace("shipping_poll_seconds = 0.1", "drain_seconds = inf"),
        "limits.drain_seconds: Input should be a finite number",
    ),
    "no number": (
        lambda text: text.replace("shipping_poll_seconds = 0.1", "drain_seconds = nan"),
        "limits.drain_seconds: Input should be a finite number",
    ),
    "no side": (
        lambda text: text.replace("[outway]", "[health]").replace("[[outway.applications]]", "#"),
        "",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_load_config_wrong_says_where(build_road: Callable[..., Road], case: str) -> None:
    change, reason = WRONG[case]
    path = build_road().portal.config
    path.write_text(change(path.read_text()))

    with pytest.raises(ConfigError) as caught:
        load_config(path)

    assert str(caught.value).startswith(str(path))
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_load_config_of_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "none.toml")


@pytest.mark.parametrize("broken", ["key", "certificate", "group_key", "subject_key", "authority"])
def test_load_secrets_of_a_missing_or_foreign_file_says_which(
    build_road: Callable[..., Road], broken: str
) -> None:
    config = load_config(build_road().portal.config)
    peer = config.peers[0]
    path: Path = getattr(peer, broken) if broken in ("key", "certificate") else getattr(config, broken)
    path.unlink()

    with pytest.raises(ConfigError, match=path.name):
        load_secrets(config)


def test_load_secrets_short_subject_key_is_refused(build_road: Callable[..., Road]) -> None:
    config: GatewayConfig = load_config(build_road().portal.config)
    config.subject_key.write_bytes(b"short")

    with pytest.raises(ConfigError, match="32 bytes"):
        load_secrets(config)


@pytest.mark.parametrize("broken", ["certificate", "authority"])
def test_load_secrets_of_a_certificate_that_is_none_says_which(
    build_road: Callable[..., Road], broken: str
) -> None:
    config = load_config(build_road().portal.config)
    path = config.authority if broken == "authority" else config.peers[0].certificate
    path.write_text("no certificate")

    with pytest.raises(ConfigError, match=f"{path.name}: this is not a certificate"):
        load_secrets(config)


def test_load_secrets_with_the_certificate_of_another_key_is_refused(build_road: Callable[..., Road]) -> None:
    road = build_road()
    config = load_config(road.portal.config)
    config.peers[0].certificate.write_bytes(road.country.registry.certificate_pem)

    with pytest.raises(ConfigError, match="of another key"):
        load_secrets(config)


def test_until_stopped_with_a_part_that_ended_by_itself_fails() -> None:
    async def part() -> None:
        raise OSError

    async def main() -> None:
        await until_stopped(asyncio.Event(), [asyncio.create_task(part(), name="part")])

    with pytest.raises(PartFailedError):
        asyncio.run(main())


def test_until_stopped_returns_when_told_to_stop() -> None:
    async def main() -> None:
        stop, endless = asyncio.Event(), asyncio.create_task(asyncio.Event().wait())
        stop.set()
        await until_stopped(stop, [endless])
        assert not endless.done()
        endless.cancel()

    asyncio.run(main())


def test_end_tasks_with_a_task_that_forgets_a_cancellation_ends_it_all_the_same() -> None:
    forgotten: list[str] = []

    async def asks_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            forgotten.append("once")
        await asyncio.Event().wait()

    async def main() -> None:
        task = asyncio.create_task(asks_for_ever())
        await asyncio.sleep(0)
        async with asyncio.timeout(60):
            await end_tasks([task])
        assert task.cancelled()

    asyncio.run(main())
    assert forgotten == ["once"]


def test_keep_to_a_core_keeps_what_is_started_from_there_on_it() -> None:
    core = max(os.sched_getaffinity(0))

    def settled() -> set[int]:
        before = os.sched_getaffinity(0)
        keep_to(None)
        assert os.sched_getaffinity(0) == before
        keep_to(core)
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(os.sched_getaffinity, 0).result()

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: the tests go on where they are
        assert pool.submit(settled).result() == {core}


def test_keep_to_a_core_that_is_not_there_says_so() -> None:
    with pytest.raises(ConfigError, match=r"limits\.processor: there is no core 4095"):
        keep_to(4095)


def test_split_listen_reads_both_families() -> None:
    assert split_listen("127.0.0.1:80") == ("127.0.0.1", 80)
    assert split_listen("[::1]:8443") == ("::1", 8443)
