"""Developer tooling of customer_quality: one idea per module, standard library only.

This file must be readable by any Python 3, so that an old one gets a sentence
instead of a syntax error.
"""

import os
import subprocess
import sys

OLDEST = (3, 10)


def launch(command, arguments):
    """Run a command of the tooling and return its exit status.

    An interpreter that is too old is exchanged for a newer one from PATH.
    """
    if sys.version_info < OLDEST:
        newer = _newer_python()
        if newer:
            os.execv(newer, [newer] + sys.argv)
        sys.stderr.write(
            "Python 3.10 to 3.13 is needed, this is %d.%d. Install one, or name it: PYTHON=/path.\n"
            % sys.version_info[:2]
        )
        return 1
    from .cli import main

    return main(command, arguments)


def _newer_python():
    for minor in (12, 11, 13, 10):
        for folder in os.get_exec_path():
            path = os.path.join(folder, "python3.%d" % minor)
            # What can't be run is a stand-in of a version manager.
            if os.access(path, os.X_OK):
                nowhere = subprocess.DEVNULL
                if subprocess.call([path, "-c", ""], stdout=nowhere, stderr=nowhere) == 0:
                    return path
    return None
