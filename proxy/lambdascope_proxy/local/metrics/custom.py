"""The metrics callers published, within a fixed bound."""

import threading
from collections import deque
from collections.abc import Iterable

from lambdascope_proxy.local.metrics.samples import MetricKey, Sample

Published = tuple[MetricKey, Sample]


class CustomMetrics:
    """The newest samples; the oldest ones go when there are too many."""

    def __init__(self, max_samples: int = 200_000) -> None:
        self._lock = threading.Lock()
        self._samples: deque[Published] = deque(maxlen=max_samples)

    def add(self, published: Iterable[Published]) -> None:
        """Keep samples, all of them or, if their origin fails, none."""
        with self._lock:
            self._samples.extend(list(published))

    def by_key(self) -> dict[MetricKey, list[Sample]]:
        """The samples kept, by their metric."""
        with self._lock:
            kept = list(self._samples)
        found: dict[MetricKey, list[Sample]] = {}
        for key, sample in kept:
            found.setdefault(key, []).append(sample)
        return found
