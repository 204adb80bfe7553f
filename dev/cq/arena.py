"""Several real Odoo processes on one database: what a test transaction can't show.

    def test_killed_in_the_middle(arena):
        actor = arena.start('''
            env["res.partner"].create({"name": "Half"})
            reach("created")
            wait("never")
        ''')
        arena.wait_for("created")
        actor.kill()
        assert arena.sql("SELECT count(*) FROM res_partner WHERE name = 'Half'") == "0"

An actor is a process of `odoo shell`: its code has `env` and must commit. It can `reach` a
point, `wait` for one that another actor or the test reaches, and `report` a value.
"""

import inspect
import json
import os
import signal
import socket
import subprocess
import tempfile
import textwrap
import time
import urllib.error
import urllib.request
from pathlib import Path

from .console import Failure
from .paths import CHECKOUT, DEV
from .process import last_lines

FOLDER = "CQ_ARENA"
PREAMBLE = "from cq.arena import reach, report, wait\n"


def reach(point):
    """Say that this point is reached."""
    Path(os.environ[FOLDER], point).touch()


def wait(point, seconds=60):
    """Wait until somebody reaches a point.

    :raises TimeoutError: if nobody does in time
    """
    _wait_for(Path(os.environ[FOLDER], point), seconds)


def report(value):
    """Hand a value (of JSON's types) to the test; the last one counts."""
    Path(os.environ[FOLDER], f"report-{os.getpid()}").write_text(json.dumps(value))


def _wait_for(file, seconds, alive=lambda: True):
    end = time.monotonic() + seconds
    while not file.exists():
        if time.monotonic() > end:
            raise TimeoutError(f"Nobody reached the point {file.name} in {seconds} seconds.")
        if not alive():
            raise Failure(f"Everybody ended before the point {file.name} was reached.")
        time.sleep(0.01)


class Process:
    """A running Odoo, an actor or a server."""

    def __init__(self, process, output, folder):
        self._process = process
        self._output = output
        self._folder = folder

    @property
    def pid(self):
        return self._process.pid

    def is_alive(self):
        return self._process.poll() is None

    def kill(self):
        """End it as a power cut would: nothing in it gets to run any more."""
        if self.is_alive():
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def result(self, seconds=120):
        """Wait for its end and return what it reported.

        :raises Failure: with the end of its output, if it failed
        """
        if self._process.wait(seconds):
            raise Failure(f"A process failed:\n{last_lines(self.output(), 30)}")
        report = self._folder / f"report-{self.pid}"
        return json.loads(report.read_text()) if report.is_file() else None

    def output(self):
        """Return what it printed and logged so far."""
        return self._output.read_text(errors="replace")


class Arena:
    """A database of its own and the processes on it; all of it goes when the context ends.

    :param odoo: the Environment
    :param template: name of a database to copy; a fresh one with the module without it
    """

    def __init__(self, odoo, template=None):
        self.odoo = odoo
        self.database = f"cq_{CHECKOUT}_race_{os.getpid()}_{time.monotonic_ns()}"
        self._template = template
        self._processes = []

    def __enter__(self):
        self._temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self._temporary.name)
        if self._template:
            self.odoo.copy_database(self._template, self.database)
        else:
            self.odoo.create_module_database(self.database)
        return self

    def __exit__(self, *_):
        for process in self._processes:
            process.kill()
        self.odoo.drop_database(self.database)
        self._temporary.cleanup()

    def start(self, code):
        """Start an actor that runs this Python code and return its Process."""
        script = self.folder / f"actor-{len(self._processes)}.py"
        script.write_text(PREAMBLE + textwrap.dedent(code))
        arguments = ["shell", "-c", self.odoo.configuration, "-d", self.database, "--no-http"]
        options = ["--log-level=warn", "--shell-interface=python"]
        with open(script) as stdin:
            return self._start(self.odoo.command([*arguments, *options]), stdin)

    def act(self, function, **values):
        """Start an actor that calls `function(env, **values)` and reports what it returns.

        :param function: of a file in dev/, which the actor imports
        """
        file = Path(inspect.getfile(function)).resolve().relative_to(DEV)
        module = ".".join(file.with_suffix("").parts)
        return self.start(f"""
            from {module} import {function.__name__} as act
            report(act(env, **{values!r}))
        """)

    def serve(self, *arguments):
        """Start a server on a free port, wait until it answers, and return its Process.

        Its address is `process.url`.
        """
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = ["-c", self.odoo.configuration, "-d", self.database, "-p", port, *arguments]
        server = self._start(self.odoo.command([*options, "--log-level=warn"]), subprocess.DEVNULL)
        server.url = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{server.url}/web/login", timeout=60):
                    return server
            except urllib.error.HTTPError as error:
                raise Failure(f"The server fails:\n{last_lines(server.output())}") from error
            except OSError as error:
                if not server.is_alive():
                    raise Failure(f"The server ended:\n{last_lines(server.output())}") from error
                time.sleep(0.25)
        raise Failure(f"The server does not answer:\n{last_lines(server.output())}")

    def _start(self, command, stdin):
        output = self.folder / f"output-{len(self._processes)}"
        variables = {**self.odoo.variables, FOLDER: str(self.folder)}
        with open(output, "w") as log:
            started = subprocess.Popen(
                command,
                env=variables,
                stdin=stdin,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        process = Process(started, output, self.folder)
        self._processes.append(process)
        return process

    def reach(self, point):
        """Let those go on who wait for this point."""
        (self.folder / point).touch()

    def wait_for(self, point, seconds=60):
        """Wait until an actor reaches a point.

        :raises Failure: with their output, if all have ended before
        """
        try:
            _wait_for(self.folder / point, seconds, self._anybody_alive)
        except (Failure, TimeoutError) as error:
            outputs = "\n".join(process.output() for process in self._processes)
            raise Failure(f"{error}\n{last_lines(outputs, 30)}") from error

    def _anybody_alive(self):
        return any(process.is_alive() for process in self._processes)

    def sql(self, statement):
        """Run SQL on the database and return what it selects, a line for each row."""
        return self.odoo.sql(statement, self.database)
