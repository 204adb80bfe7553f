import pytest
from cq import fingerprint


@pytest.mark.parametrize(
    "path",
    ["__manifest__.py", "models/order.py", "i18n/zh_CN.po", "demo/logins.csv", "views/a/b.xml"],
)
def test_what_gets_into_the_database_matters(path):
    assert fingerprint.matters(path)


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_order.py",
        "dev/cq/paths.py",
        "static/src/widget.xml",
        "README.md",
        "models/__pycache__/order.py",
        ".git/config.py",
        "models/.order.py",
    ],
)
def test_what_is_read_from_the_disk_does_not(path):
    assert not fingerprint.matters(path)


def test_a_changed_and_a_renamed_file_change_the_fingerprint(tmp_path, monkeypatch):
    monkeypatch.setattr(fingerprint, "REPO", tmp_path)
    file = tmp_path / "model.py"
    seen = []
    for content in ("one", "two"):
        file.write_text(content)
        seen.append(fingerprint.module_fingerprint())
    file.rename(tmp_path / "other.py")
    seen.append(fingerprint.module_fingerprint())
    assert len(set(seen)) == 3
