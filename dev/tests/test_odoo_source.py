import pytest
from cq import odoo_source
from cq.console import Failure


def checkout(folder, version="(19, 0, 0, FINAL, 0, '')"):
    base = folder / "odoo" / "addons" / "base"
    base.mkdir(parents=True)
    (base / "__manifest__.py").write_text("{}")
    (folder / "addons").mkdir()
    (folder / "odoo-bin").touch()
    (folder / "odoo" / "release.py").write_text(f"version_info = {version}\n")
    return folder


def test_a_checkout_has_two_addons_folders(tmp_path):
    source = odoo_source.inspect(checkout(tmp_path))
    assert source.root == tmp_path
    assert source.script == tmp_path / "odoo-bin"
    assert source.addons == (tmp_path / "addons", tmp_path / "odoo" / "addons")


def test_an_unpacked_package(tmp_path):
    root = checkout(tmp_path / "usr" / "lib" / "python3" / "dist-packages")
    (root / "odoo-bin").unlink()
    (tmp_path / "usr" / "bin").mkdir()
    (tmp_path / "usr" / "bin" / "odoo").touch()
    source = odoo_source.inspect(tmp_path)
    assert (source.root, source.script) == (root, tmp_path / "usr" / "bin" / "odoo")


def test_the_identity_is_the_same_in_another_folder(tmp_path):
    one, two = (odoo_source.inspect(checkout(tmp_path / name)) for name in ("one", "two"))
    assert one.identity == two.identity


def test_a_wrong_folder_and_a_wrong_version_are_sentences(tmp_path):
    with pytest.raises(Failure, match="holds no Odoo"):
        odoo_source.inspect(tmp_path)
    with pytest.raises(Failure, match=r"is not Odoo 19\.0"):
        odoo_source.inspect(checkout(tmp_path / "old", "(18, 0, 0, FINAL, 0, '')"))
