from . import baseline_adopt, notice_print, record_dispose, signature_verify
