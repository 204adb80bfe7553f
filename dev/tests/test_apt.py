import pytest
from cq import apt
from cq.console import Failure

DEB822 = """\
Types: deb
# http://snapshot.example.org/archive/debian/2025
URIs: http://mirror.example.org/debian
Suites: bookworm bookworm-updates
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
ONE_LINE = """\
# deb http://old.example.org/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] https://one.example.org/debian bookworm main
deb-src https://source.example.org/debian bookworm main
deb http://two.example.org/debian-security bookworm-security main
"""


def test_addresses_of_the_new_style_are_fields_and_not_comments():
    assert apt.mirrors(DEB822) == ["http://mirror.example.org/debian"]


def test_addresses_of_the_one_line_style():
    assert apt.mirrors(ONE_LINE) == [
        "https://one.example.org/debian",
        "http://two.example.org/debian-security",
    ]


def test_the_mirror_of_the_system_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("DEBIAN_MIRROR", raising=False)
    monkeypatch.setattr(apt, "SOURCES", tmp_path)
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text("deb http://other.example.org/node nodistro main\n")
    (tmp_path / "sources.list.d" / "debian.sources").write_text(DEB822)
    assert apt.debian_mirror() == "http://mirror.example.org/debian"


def test_without_a_mirror_the_user_is_told_what_to_set(tmp_path, monkeypatch):
    monkeypatch.delenv("DEBIAN_MIRROR", raising=False)
    monkeypatch.setattr(apt, "SOURCES", tmp_path)
    with pytest.raises(Failure, match="ODOO_SOURCE"):
        apt.debian_mirror()
    monkeypatch.setenv("DEBIAN_MIRROR", "http://mine.example.org/debian")
    assert apt.debian_mirror() == "http://mine.example.org/debian"
