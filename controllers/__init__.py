from . import work
from . import notice_check
from . import review_meeting
