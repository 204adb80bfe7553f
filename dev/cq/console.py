"""What the commands say, and the one error that they show to the user."""

import sys
import time

STARTED = time.monotonic()


class Failure(Exception):
    """Stops a command; its text is one sentence that tells the user what to do."""


def say(text):
    """Print one line of progress with the seconds since the command started."""
    print(f"[{time.monotonic() - STARTED:5.1f}s] {text}", file=sys.stderr, flush=True)


def table(rows):
    """Return rows (sequences of texts, the first one the heading) as aligned lines."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    ruler = ["-" * width for width in widths]
    return "\n".join(
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [rows[0], ruler, *rows[1:]]
    )
