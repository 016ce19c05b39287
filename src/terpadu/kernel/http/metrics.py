"""`/metrics` of the control plane in Prometheus' form, for whoever has the token; domains add their own figures."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from terpadu.kernel.backlog import backlog
from terpadu.kernel.crypto import secret_token

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Figures: TypeAlias = Callable[[], Iterable[Metric]]
_sources: list[Figures] = []


def register_figures(source: Figures) -> None:
    """Register who has figures; asked anew for each page, so a few cheap queries at most."""
    _sources.append(source)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Give the figures to whoever shows the token of `metrics.token` in the directory of secrets; 404 to others."""
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(shown.encode(), secret_token("metrics").encode()):
        return HttpResponse(status=404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return HttpResponse(
        generate_latest(registry), content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"}
    )


class _Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        """Yield the worker's backlog and what domains have."""
        waits = backlog()
        yield gauge("worker_waiting", "Notices that are due and not delivered", waits.waiting)
        yield gauge("worker_dead", "Notices that were given up", waits.dead)
        yield gauge("worker_timers", "Timers that are due and not fired", waits.timers)
        for source in _sources:
            yield from source()


def gauge(name: str, meaning: str, value: float) -> Metric:
    """Return one figure without labels; its name gets the platform's prefix."""
    return GaugeMetricFamily(f"terpadu_{name}", meaning, value=value)
