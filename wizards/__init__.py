from . import baseline_adopt, notice_print, signature_verify
