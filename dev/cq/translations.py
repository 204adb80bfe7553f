"""`make pot`: export the terms of the module and merge them into its translations."""

import os
import subprocess
import sys

from .console import Failure, say
from .environment import setup
from .paths import CHECKOUT, MODULE, REPO, STATE
from .process import output_of

LANGUAGES = ("zh_CN", "zh_TW")


def export():
    """Write i18n/customer_quality.pot and bring the .po files up to it; return the exit status."""
    odoo = setup()
    name = f"cq_{CHECKOUT}_pot_{os.getpid()}"
    try:
        # A database of its own: what it holds by chance would get into the terms.
        odoo.create_module_database(name, demo=False)
        fresh = export_terms(odoo, name)
    finally:
        odoo.drop_database(name)
    # polib, which the merge needs, is installed with Odoo's requirements only.
    command = [odoo.python, "-m", "cq.translations", fresh, REPO / "i18n"]
    return subprocess.run([str(part) for part in command], env=odoo.variables).returncode


def export_terms(odoo, database):
    """Export the terms of the module in a database and return the file."""
    say("exporting the terms")
    target = STATE / f"{MODULE}.pot"
    options = ["-c", odoo.configuration, "-d", database, MODULE, "-l", "pot", "-o", target]
    output_of(odoo.command(["i18n", "export", *options]), env=odoo.variables, cwd=STATE)
    if not target.is_file():
        raise Failure("Odoo exported no terms.")
    return target


def merge(terms, translations):
    """Make a catalogue hold exactly the terms, in their order, and keep what is translated.

    Nothing is guessed from similar terms. Both are polib catalogues.
    """
    translations.merge(terms)
    for entry in translations.obsolete_entries():
        translations.remove(entry)
    order = {entry.msgid: position for position, entry in enumerate(terms)}
    translations.sort(key=lambda entry: order[entry.msgid])
    for entry in translations:
        entry.comment = terms.find(entry.msgid).comment
    for dated in (terms, translations):
        dated.metadata.pop("POT-Creation-Date", None)
        dated.metadata.pop("PO-Revision-Date", None)


def main(fresh, folder):
    """Merge an exported file into the folder's catalogues and say how many terms are open."""
    import polib

    os.makedirs(folder, exist_ok=True)
    terms = polib.pofile(fresh)
    for language in LANGUAGES:
        file = os.path.join(folder, f"{language}.po")
        translations = polib.pofile(file) if os.path.isfile(file) else _empty(terms, language)
        merge(terms, translations)
        translations.save(file)
        say(f"{language}: {len(terms)} terms, {len(translations.untranslated_entries())} open")
    terms.save(os.path.join(folder, f"{MODULE}.pot"))


def _empty(terms, language):
    import polib

    catalogue = polib.POFile()
    catalogue.header = terms.header
    catalogue.metadata = {
        **terms.metadata,
        "Language": language,
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    return catalogue


if __name__ == "__main__":
    main(*sys.argv[1:])
