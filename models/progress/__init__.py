from . import workshop
from . import progress_report
from . import progress_report_line
from . import progress_report_file
from . import progress_report_follow
