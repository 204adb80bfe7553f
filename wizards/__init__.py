from . import action_step
from . import baseline_adopt
from . import clarification_answer
from . import deadline_suspend
from . import notice_print
from . import order_confirm_back
from . import promise_preview
from . import record_dispose
from . import signature_verify
from . import baseline_adopt, notice_print, record_dispose, signature_verify
from . import clarification_answer, order_confirm_back
