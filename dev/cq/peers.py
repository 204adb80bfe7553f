"""Modules of others that `make bench` compares us with; never part of the product."""

import zipfile
from dataclasses import replace
from pathlib import Path

from . import python_env
from .console import say
from .downloads import key, new_folder
from .paths import CACHE, STATE

#: The package of each module, as published by its authors.
TIER_VALIDATION = (
    "odoo-addon-base-tier-validation==19.0.1.4.6",
    "odoo-addon-sale-tier-validation==19.0.1.0.0.3",
)


def with_peers(odoo, packages):
    """Return the Environment `odoo` with the modules of these packages in its addons path.

    :param packages: requirements of wheels that hold `odoo/addons/<module>`
    """
    configuration = STATE / f"odoo-{key(*packages)}.conf"
    text = odoo.configuration.read_text()
    folder = _addons(odoo, packages)
    configuration.write_text(text.replace("addons_path = ", f"addons_path = {folder},"))
    return replace(odoo, configuration=configuration)


def _addons(odoo, packages):
    target = CACHE / f"peers-{key(*packages)}"
    if not target.is_dir():
        say(f"downloading {', '.join(packages)}")
        with new_folder(target) as fresh:
            python_env.pip(
                odoo.python.parents[1], "download", "--quiet", "--no-deps", "-d", fresh, *packages
            )
            for wheel in list(fresh.glob("*.whl")):
                zipfile.ZipFile(wheel).extractall(fresh)
                wheel.unlink()
    return Path(target, "odoo", "addons")
