from . import defect
from . import priority
from . import complaint
from . import complaint_line
from . import complaint_flow
from . import complaint_promise
from . import complaint_waiting
from . import complaint_work
