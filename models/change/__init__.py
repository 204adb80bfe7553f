from . import cause
from . import agreed
from . import order_override
from . import order_override_change
from . import order_override_use
