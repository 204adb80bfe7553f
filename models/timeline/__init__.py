from . import order_timeline
from . import order_timeline_bars
