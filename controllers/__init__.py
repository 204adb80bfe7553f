from . import work
from . import notice_check
