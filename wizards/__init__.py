from . import baseline_adopt, notice_print, record_dispose, signature_verify
from . import baseline_adopt, deadline_suspend, notice_print, signature_verify
from . import action_step, baseline_adopt, notice_print, record_dispose, signature_verify
from . import baseline_adopt, clarification_answer, notice_print, order_confirm_back
from . import record_dispose, signature_verify
from . import baseline_adopt, notice_print, promise_preview, signature_verify
