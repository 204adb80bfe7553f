"""What the headers of a mail say about whether a person wrote it (RFC 3834, and what is in use)."""

#: Precedence of what was sent to many, or by a machine.
MACHINE_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})

#: Headers that automatic replies alone carry.
REPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder")


def is_automatic(headers):
    """Tell whether a machine sent the mail: an absence note, a notice of a mail server, a list.

    ``X-Auto-Response-Suppress`` alone says only that nobody wants an automatic answer, as ticket
    systems write it on what people say; ``All`` is what mail servers put on their own replies.

    :param headers: mapping with ``get``, e.g. an ``EmailMessage``
    :return: bool
    """

    def read(name):
        return str(headers.get(name) or "").strip().lower()

    submitted = read("Auto-Submitted")
    return bool(
        (submitted and submitted != "no")
        or read("Precedence") in MACHINE_PRECEDENCE
        or any(headers.get(name) for name in REPLY_HEADERS)
        or "all" in read("X-Auto-Response-Suppress").replace(",", " ").split()
        or read("Return-Path") == "<>"
    )
