"""`make run` and `make stop`: the demonstration server of this checkout."""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from . import locks, postgres
from .console import Failure, say, table
from .downloads import create_cache
from .environment import setup
from .paths import CACHE, CHECKOUT, REPO, STATE
from .process import last_lines

DATABASE = f"cq_{CHECKOUT}_run"
# Applications that show the order loop: the Sales menu, and purchase orders for what is bought.
EXTRA = ("purchase_stock", "sale_management")
LOCK = f"server-{CHECKOUT}"  # the server holds it as long as it lives
RUNNING = STATE / "server.json"
LOG = STATE / "server.log"


def port_number(text):
    """Return the port that a text names.

    :raises Failure: if it names none that an ordinary user may use
    """
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise Failure(f"PORT={text} is no port number: use one from 1024 to 65535.")
    return int(text)


def is_free(port):
    """Tell whether a server can listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def run():
    """Serve the demonstration database until Ctrl-C; return the exit status."""
    port = port_number(os.environ.get("PORT") or "8069")
    create_cache()
    STATE.mkdir(parents=True, exist_ok=True)
    lock = locks.take(LOCK)
    if lock is None:
        say(f"already running: http://localhost:{_running().get('port', port)} (make stop ends it)")
        return 0
    if not is_free(port):
        raise Failure(
            f"Port {port} is used by another program: choose another one, make run PORT=8070."
        )
    odoo = setup()
    odoo.module_database(DATABASE, extra=EXTRA, keep=True)
    # The PDF program fetches styles from the server; the port may be another one than last time.
    odoo.sql(
        "INSERT INTO ir_config_parameter (key, value) VALUES ('report.url', '%(url)s')"
        " ON CONFLICT (key) DO UPDATE SET value = '%(url)s'" % {"url": f"http://127.0.0.1:{port}"},
        DATABASE,
    )
    return _serve(odoo, port, lock)


def _serve(odoo, port, lock):
    say("starting Odoo")
    LOG.unlink(missing_ok=True)
    arguments = ["-d", DATABASE, f"--db-filter=^{DATABASE}$", "-p", port, "--logfile", LOG]
    with open(STATE / "server.err", "w") as errors:
        server = odoo.start_odoo(
            arguments, stdout=errors, stderr=errors, pass_fds=[lock], start_new_session=True
        )
    RUNNING.write_text(json.dumps({"pid": server.pid, "port": port}))
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        _wait_until_ready(server, port)
        print(welcome(port), flush=True)
        server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        _end(server)
    if server.returncode > 0:
        raise Failure(f"Odoo ended with status {server.returncode}, see {LOG}:\n{_end_of_log()}")
    say("the server has stopped")
    return 0


def _wait_until_ready(server, port, seconds=180):
    for _ in range(seconds * 4):
        if server.poll() is not None:
            return
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login", timeout=60):
                return
        except urllib.error.HTTPError as error:
            raise Failure(f"Odoo answers with an error, see {LOG}:\n{_end_of_log()}") from error
        except OSError:
            time.sleep(0.25)
    raise Failure(f"Odoo did not answer within {seconds} seconds, see {LOG}.")


def _end(server, seconds=20):
    # A second Ctrl-C must not leave the server behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server.terminate()
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _end_of_log():
    texts = [
        file.read_text(errors="replace") for file in (LOG, STATE / "server.err") if file.is_file()
    ]
    return last_lines("\n".join(texts))


def welcome(port):
    """Return the address and the table of demo logins."""
    return (
        f"\nOdoo is ready: http://localhost:{port}\n\n{table(logins())}\n\n"
        f"Log: {LOG}\nCtrl-C here, or make stop elsewhere, ends it. The data are kept.\n"
    )


def logins():
    """Return the demo users as rows (role, login, password, name), the heading first."""
    heading = ["role", "login", "password", "name"]
    file = REPO / "demo" / "logins.csv"
    rows = []
    if file.is_file():
        with open(file, newline="", encoding="utf-8") as content:
            rows = [[row[name] or "" for name in heading] for row in csv.DictReader(content)]
    if "admin" not in [row[1] for row in rows]:
        rows.append(["administrator", "admin", "admin", "Mitchell Admin"])
    return [[name.capitalize() for name in heading], *rows]


def _running():
    try:
        return json.loads(RUNNING.read_text())
    except (OSError, ValueError):
        return {}


def stop():
    """End the server of this checkout, and PostgreSQL unless others use it."""
    if not CACHE.is_dir():
        return 0
    _stop_server()
    if postgres.is_own() and not postgres.stop():
        say("PostgreSQL goes on: another command or another clone is using it")
    return 0


def _stop_server(seconds=25):
    lock = locks.take(LOCK)
    pid = _running().get("pid")
    if lock is None and pid:
        say("stopping Odoo")
        os.kill(pid, signal.SIGTERM)
        for _ in range(seconds * 10):
            lock = locks.take(LOCK)
            if lock is not None:
                break
            time.sleep(0.1)
        else:
            os.kill(pid, signal.SIGKILL)
    if lock is not None:
        os.close(lock)
    RUNNING.unlink(missing_ok=True)


def clean():
    """Remove this checkout's databases and state; with ALL=1 what clones share, too."""
    if not CACHE.is_dir():
        return 0
    _stop_server()
    everything = bool(os.environ.get("ALL"))
    if everything and postgres.is_own():
        if not postgres.stop():
            raise Failure(
                "Another command or another clone is using the database server: end it first."
            )
        shutil.rmtree(CACHE)
        return 0
    odoo = setup()
    prefix = "cq_" if everything else f"cq_{CHECKOUT}_"
    for name in odoo.databases():
        if name.startswith(prefix):
            say(f"removing database {name}")
            odoo.drop_database(name)
    shutil.rmtree(CACHE if everything else STATE)
    return 0
