from . import abnormality
from . import work
from . import clarification
from . import notice_check
from . import review_meeting
from . import progress_report
