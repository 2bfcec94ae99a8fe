"""What Prometheus is told: requests by route, catalogs, signatures, listeners, projects."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from starlette.types import Scope

_BUCKETS_S = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0)


class Metrics:
    """The numbers of one service; a registry of its own, so that tests can have several."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # series that nobody reads
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "soundflow_requests", "Answers", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "soundflow_request_seconds",
            "Time from request to the last byte handed over",
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.signed = Counter("soundflow_signed", "Addresses signed", registry=self.registry)
        self.generation = self._gauge("catalog_generation", "Generation of the catalogs served")
        self.age_s = self._gauge("catalog_age_seconds", "Since the catalogs were committed")
        self.tracks = self._gauge("catalog_tracks", "Tracks listed")
        self.stale_s = self._gauge("catalog_stale_seconds", "Since storage last answered; 0: does")
        self.sockets = self._gauge("websockets", "Open WebSockets")
        self.streams = self._gauge("event_streams", "Open streams of server-sent events")
        self.projects = Counter("soundflow_projects", "Projects asked for", registry=self.registry)

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(f"soundflow_{name}", what, registry=self.registry)

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer, under its route's template: never under a path a client made up."""
        route = scope.get("route")
        template = getattr(route, "path", None) or "other"
        self.requests.labels(template, str(status)).inc()
        self.seconds.observe(seconds)

    def text(self) -> bytes:
        """Return all of them in the text format."""
        return generate_latest(self.registry)
