"""What calls do, for those who look after them: Prometheus metrics and OpenTelemetry spans.

Both are observers, so a client is measured by ``Client(observers=[Metrics(), Spans()])``, and
nothing is measured for having this installed.
"""

from imagekit_tracing.metrics import Metrics
from imagekit_tracing.spans import Spans

__all__ = ["Metrics", "Spans"]
