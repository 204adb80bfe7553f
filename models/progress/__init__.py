from . import workshop
from . import progress_report
from . import progress_report_line
from . import progress_report_file
from . import progress_report_follow
from . import production_notice_plan
from . import production_notice_progress
from . import progress_digest
