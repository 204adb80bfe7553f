from . import distribution
from . import production_notice
from . import production_notice_line
from . import production_notice_allocation
from . import production_notice_copy
from . import production_notice_report
from . import production_notice_watch
