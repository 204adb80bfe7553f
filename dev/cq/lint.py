"""`make lint` and `make format`: ruff, pylint-odoo, OCA's checks, prettier and eslint."""

import shutil
import subprocess

from . import locks
from .console import Failure, say
from .downloads import create_cache, key
from .node import node_environment
from .paths import CACHE, DEV, MODULE, REPO, STATE
from .process import output_of
from .python_env import LINT_REQUIREMENTS, environment

PRETTIER_FILES = ("**/*.xml", "static/**/*.{js,scss}", "!static/lib/**", "*.cjs")
OCA_CONFIG = ("--config", DEV / "oca_hooks.cfg")


def lint():
    """Run every check, show what each has to say, and return 1 if one is not content."""
    tools = _Tools()
    copy = _copy_of_module()
    translations = sorted(copy.glob("i18n/*.po*"))
    checks = {
        "ruff": [tools.python("ruff"), "check", "--no-cache", "."],
        "ruff format": [tools.python("ruff"), "format", "--no-cache", "--check", "--diff", "."],
        "pylint-odoo": [tools.python("pylint"), "--rcfile", REPO / ".pylintrc", copy],
        "OCA checks of the module": [tools.python("oca-checks-odoo-module"), *OCA_CONFIG, copy],
        "OCA checks of translations": [tools.python("oca-checks-po"), *OCA_CONFIG, *translations],
        "prettier": [*tools.prettier(), "--check", *PRETTIER_FILES],
        "eslint": [tools.node("eslint"), "--no-warn-ignored", "static"],
    }
    if not any((REPO / "static").rglob("*.js")):
        del checks["eslint"]
    if not translations:
        del checks["OCA checks of translations"]
    failed = [name for name, command in checks.items() if not _passes(name, command, copy, tools)]
    if failed:
        raise Failure(f"Not clean: {', '.join(failed)}. make format mends layout.")
    say("all clean")
    return 0


def format_files():
    """Mend what can be mended without thought: layout and the order of imports."""
    tools = _Tools()
    commands = (
        [tools.python("ruff"), "check", "--no-cache", "--fix", "--exit-zero", "."],
        [tools.python("ruff"), "format", "--no-cache", "."],
        [*tools.prettier(), "--write", "--log-level=warn", *PRETTIER_FILES],
    )
    return max(_run(command, REPO, tools).returncode for command in commands)


def _passes(name, command, copy, tools):
    on_copy = copy in command or "oca-checks" in str(command[0])
    done = _run(command, copy.parent if on_copy else REPO, tools)
    say(f"{name}: {'clean' if done.returncode == 0 else 'NOT CLEAN'}")
    if done.returncode:
        print((done.stdout + done.stderr).strip().replace(str(copy)[1:] + "/", ""), flush=True)
    return done.returncode == 0


def _run(command, folder, tools):
    return subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=tools.variables,
        capture_output=True,
        text=True,
    )


class _Tools:
    """The checkers, fetched if need be: Python's and Node's, outside of the checkout."""

    def __init__(self):
        create_cache()
        with locks.held("setup"):
            self._python = environment("lint", LINT_REQUIREMENTS)
            self.variables = node_environment()
            self._node = self._install_node_modules()
        self.variables["NODE_PATH"] = str(self._node)

    def python(self, name):
        return self._python / "bin" / name

    def node(self, name):
        return self._node / ".bin" / name

    def prettier(self):
        plugin = self._node / "@prettier" / "plugin-xml" / "src" / "plugin.js"
        return [self.node("prettier"), f"--plugin={plugin}", "--no-error-on-unmatched-pattern"]

    def _install_node_modules(self):
        files = [DEV / "node" / name for name in ("package.json", "package-lock.json")]
        folder = CACHE / f"node-modules-{key(*(file.read_bytes() for file in files))}"
        if not (folder / "complete").is_file():
            say("installing prettier and eslint")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for file in files:
                shutil.copy(file, folder)
            flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
            output_of(["npm", "ci", *flags], cwd=folder, env=self.variables)
            (folder / "complete").touch()
        return folder / "node_modules"


def _copy_of_module():
    """Return a fresh copy of the module in a folder with its name.

    OCA's checkers look at nothing, silently, where the module is the root of the repository.
    """
    copy = STATE / "lint" / MODULE
    shutil.rmtree(copy, ignore_errors=True)
    ignored = shutil.ignore_patterns(".git", "__pycache__", "node_modules", "build", "dist")
    shutil.copytree(REPO, copy, ignore=ignored)
    shutil.rmtree(copy / "dev")
    return copy
