"""Many streams over one model: batching, fairness, admission, back-pressure.

Knows streams and wall time; must not know sockets or messages.
"""

from a2fbridge.scheduler._handle import OutputFrame, StreamHandle
from a2fbridge.scheduler._histogram import Histogram
from a2fbridge.scheduler._plan import Limits
from a2fbridge.scheduler._scheduler import Scheduler
from a2fbridge.streams import StreamOptions

__all__ = ["Histogram", "Limits", "OutputFrame", "Scheduler", "StreamHandle", "StreamOptions"]
