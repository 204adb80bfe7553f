"""Where things are: the checkout, the cache shared by clones, this checkout's state."""

import hashlib
import os
from pathlib import Path

MODULE = "customer_quality"
REPO = Path(__file__).resolve().parents[2]
DEV = REPO / "dev"

CACHE = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute()
    / "customer-quality-dev"
)
CHECKOUT = hashlib.sha256(str(REPO).encode()).hexdigest()[:8]
STATE = CACHE / "checkouts" / CHECKOUT
DATA = CACHE / "data"

# Odoo wants a folder named like the module, and the clone may have any name.
ADDONS = STATE / "addons"
MODULE_LINK = ADDONS / MODULE


def link_module():
    """Make the checkout visible to Odoo as an addons folder with the module in it."""
    ADDONS.mkdir(parents=True, exist_ok=True)
    if MODULE_LINK.is_symlink() and MODULE_LINK.readlink() == REPO:
        return
    MODULE_LINK.unlink(missing_ok=True)
    MODULE_LINK.symlink_to(REPO, target_is_directory=True)
