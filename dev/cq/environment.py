"""What everything else stands on: an Odoo that is ready to run, and its databases.

Scripts use it so:

    odoo = setup()
    odoo.create_module_database("my_copy")
    odoo.run_odoo(["-d", "my_copy", "--stop-after-init"])

What takes long says so on the error output; what fails raises Failure.
"""

import ast
import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import browser, locks, odoo_source, pdf, postgres, python_env
from .console import Failure, say
from .downloads import create_cache, key, need_space
from .fingerprint import module_fingerprint
from .paths import CACHE, CHECKOUT, DATA, DEV, MODULE, MODULE_LINK, REPO, STATE, link_module
from .process import output_of

LANGUAGES = "en_US,zh_CN,zh_TW"  # English first: the first one becomes the default
# Raise it when databases built by an older version of this file must not be reused.
TEMPLATE_VERSION = "1"
BUSY = "waiting for another command to build its database"


def setup(with_browser=False):
    """Set up what is missing and return the Environment.

    :param with_browser: see to a browser for the tests too
    :raises Failure: with what is missing and what to do
    """
    create_cache()
    with locks.held("setup"):
        if not (CACHE / "complete").is_file():
            need_space(3500)
        source = odoo_source.find()
        folder = python_env.environment("python", python_env.ODOO_REQUIREMENTS)
        programs = {"wkhtmltopdf": pdf.wkhtmltopdf(folder)}
        fonts = pdf.font_configuration()
        if with_browser:
            programs["google-chrome"] = browser.chromium()
        postgres.start(postgres.programs(folder))
        (CACHE / "complete").touch()
        link_module()
        return _environment(source, folder, programs, fonts)


def _environment(source, folder, programs, fonts):
    binaries = STATE / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    for name, target in programs.items():
        _link(binaries / name, target)
    search = [binaries, folder / "bin", postgres.programs(folder), os.environ.get("PATH", "")]
    variables = {
        **os.environ,
        **postgres.variables(),
        "PATH": os.pathsep.join(map(str, search)),
        "PYTHONPATH": os.pathsep.join(map(str, (source.root, DEV))),
    }
    if fonts:
        variables["FONTCONFIG_FILE"] = str(fonts)
    configuration = STATE / "odoo.conf"
    _write_if_other(configuration, _configuration(source))
    return Environment(folder / "bin" / "python", source, configuration, variables)


def _link(link, target):
    if target and link.is_symlink() and os.readlink(link) == str(target):
        return
    link.unlink(missing_ok=True)
    if target:
        link.symlink_to(target)


def _configuration(source):
    options = {
        "addons_path": ",".join(map(str, [*source.addons, MODULE_LINK.parent])),
        "data_dir": DATA,
        "list_db": False,
        "http_interface": "127.0.0.1",
        "max_cron_threads": 1,
        "screenshots": STATE / "screenshots",
        "log_handler": ":INFO,py.warnings:ERROR",
    }
    return "[options]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())


def _write_if_other(file, text):
    if not file.is_file() or file.read_text() != text:
        unfinished = file.with_suffix(f".{os.getpid()}")
        unfinished.write_text(text)
        unfinished.rename(file)


def dependencies():
    """Return the names of the modules that the manifest depends on."""
    return tuple(sorted(ast.literal_eval((REPO / "__manifest__.py").read_text())["depends"]))


@dataclass(frozen=True)
class Environment:
    """An Odoo that is ready to run, and its database server.

    A database carries, as its comment, a mark of what it was built from. One without
    its mark was left unfinished by an interrupted command and is built anew.
    """

    python: Path
    source: odoo_source.OdooSource
    configuration: Path
    variables: dict = field(repr=False)

    @property
    def odoo_bin(self):
        """Odoo's start script. Not `python -m odoo`: its workers can't restart themselves."""
        return self.source.script

    # Running Odoo

    def command(self, arguments):
        """Return the command line that runs Odoo's with these arguments."""
        return [str(part) for part in (self.python, self.odoo_bin, *arguments)]

    def run_odoo(self, arguments, log=None):
        """Run Odoo's server command with this configuration and wait for its end.

        :param log: file for its log; without it, the log is only shown after a failure
        :raises Failure: with the end of the log, if Odoo fails
        """
        log = log or STATE / "odoo.log"
        log.unlink(missing_ok=True)
        command = self.command(["-c", self.configuration, *arguments, "--logfile", log])
        done = subprocess.run(
            command,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            text = log.read_text(errors="replace") if log.is_file() else ""
            reason = [line for line in (text + done.stdout).splitlines() if " INFO " not in line]
            raise Failure(f"Odoo failed, see {log}:\n" + "\n".join(reason[-25:]))

    def start_odoo(self, arguments, **options):
        """Start Odoo's server command in the background and return its process."""
        command = self.command(["-c", self.configuration, *arguments])
        return subprocess.Popen(command, env=self.variables, stdin=subprocess.DEVNULL, **options)

    def shell(self, database, code):
        """Run Python code in `odoo shell` (it has `env`; it must commit) and return its output."""
        command = self.command(["shell", "-c", self.configuration, "-d", database, "--no-http"])
        options = ["--log-level=error", "--shell-interface=python"]
        return output_of([*command, *options], input=code, env=self.variables)

    # Databases

    def sql(self, statement, database="postgres"):
        """Run SQL statements and return what they select, a line for each row."""
        command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
        program = shutil.which(command[0], path=self.variables["PATH"])
        return output_of([program, *command[1:]], env=self.variables).strip()

    def databases(self):
        """Return the mark of each database of the server, by name."""
        rows = self.sql(
            "SELECT datname || '|' || coalesce(shobj_description(oid, 'pg_database'), '')"
            " FROM pg_database WHERE NOT datistemplate"
        )
        return dict(row.split("|", 1) for row in rows.splitlines())

    def mark(self, database, text):
        """Write on a database what it was built from."""
        self.sql(f"""COMMENT ON DATABASE "{database}" IS '{text}'""")

    def create_database(
        self, name, modules, demo=False, template=None, log=None, languages=LANGUAGES
    ):
        """Create a database with modules installed.

        :param demo: with demo data; counts only without `template`, which decides it else
        :param languages: to load, like `demo`
        :param template: name of a database to start from
        :raises Failure: if the installation fails; the database is dropped then
        """
        options = ["--with-demo"] if demo else []
        if template:
            self.copy_database(template, name)
        else:
            self.drop_database(name)
            self.sql(f"""CREATE DATABASE "{name}" TEMPLATE template0 ENCODING 'UTF8'""")
            options.append(f"--load-language={languages}")
        if not modules:
            return
        arguments = [
            "-d",
            name,
            "-i",
            ",".join(modules),
            *options,
            "--stop-after-init",
            "--no-http",
        ]
        try:
            self.run_odoo(arguments, log=log)
        except (Failure, KeyboardInterrupt):
            self.drop_database(name)
            raise

    def copy_database(self, source, target):
        """Copy a database with its files, in a fraction of a second; a `target` that exists goes.

        Nobody may be connected to `source`.
        """
        self.drop_database(target)
        strategy = "STRATEGY file_copy" if self._server_version() >= 150000 else ""
        self.sql(f"""CREATE DATABASE "{target}" TEMPLATE "{source}" {strategy}""")
        if self._files(source).is_dir():
            # Odoo never changes a file of its store: both can share it.
            shutil.copytree(self._files(source), self._files(target), copy_function=os.link)

    def drop_database(self, name):
        """Remove a database and its files, if it exists, even if somebody is connected."""
        self.sql(f"""DROP DATABASE IF EXISTS "{name}" WITH (FORCE)""")
        shutil.rmtree(self._files(name), ignore_errors=True)

    def _files(self, database):
        return DATA / "filestore" / database

    def _server_version(self):
        return int(self.sql("SHOW server_version_num"))

    # Databases that are kept

    def template_plain(self, demo=True, extra=()):
        """Return the name of a database with our dependencies, without us; shared by clones.

        It is only for being copied: never run Odoo on it.

        :param extra: more modules of Odoo
        """
        modules = (*dependencies(), *sorted(extra))
        mark = key(TEMPLATE_VERSION, self.source.identity, LANGUAGES, demo, modules)
        name = f"cq_plain_{mark}"
        with locks.held(f"database-{name}", wait=BUSY):
            if self.databases().get(name) != mark:
                base = self.template_plain(demo) if extra else None
                shown = ", ".join(extra or modules)
                say(f"building the base database with {shown} (once; about a minute)")
                self.create_database(name, extra or modules, demo, base, STATE / "template.log")
                self.mark(name, mark)
        return name

    def template_module(self, demo=True):
        """Return the name of a database with the module as it is now; only for being copied.

        It is built anew when files of the module that matter to a database changed. A copy
        that must not fail when that happens in between is made by create_module_database().
        """
        with self._template_module(demo) as name:
            return name

    def create_module_database(self, name, demo=True):
        """Create a database with the module as it is now, fresh from its installation."""
        with self._template_module(demo) as template:
            self.copy_database(template, name)

    @contextmanager
    def _template_module(self, demo):
        base = self.template_plain(demo)
        mark = key(base, module_fingerprint())
        name = f"cq_{CHECKOUT}_module" + ("" if demo else "_nodemo")
        with locks.held(f"database-{name}", wait=BUSY):
            if self.databases().get(name) != mark:
                say(f"installing {MODULE} in a fresh database")
                self.create_database(name, [MODULE], template=base, log=STATE / "install.log")
                self.mark(name, mark)
            yield name

    def module_database(self, name, extra=(), keep=False):
        """Bring a database of this checkout up to the module as it is now, and keep its data.

        :param extra: modules of Odoo to have besides our dependencies
        :param keep: an update that fails is an error; else the database is made afresh then
        :raises Failure: if the module can't be installed or updated
        """
        base = self.template_plain(extra=extra)
        mark = f"{base} {module_fingerprint()}"
        found = self.databases().get(name)
        if found == mark:
            return
        if found and (keep or found.split()[0] == base):
            say(f"updating {MODULE} in database {name}")
            arguments = ["-d", name, "-u", MODULE, "--stop-after-init", "--no-http"]
            try:
                self.run_odoo(arguments, log=STATE / "update.log")
                return self.mark(name, mark)
            except Failure:
                if keep:
                    raise
                say("the update failed, making the database afresh")
        say(f"installing {MODULE} in database {name}")
        self.create_database(name, [MODULE], template=base, log=STATE / "install.log")
        self.mark(name, mark)
