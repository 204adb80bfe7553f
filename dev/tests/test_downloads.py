from collections import namedtuple

import pytest
from cq import downloads
from cq.console import Failure


def test_a_key_depends_on_contents_and_on_where_they_are_split():
    assert downloads.key("a", b"b") == downloads.key("a", "b")
    assert len({downloads.key("ab"), downloads.key("a", "b"), downloads.key("b", "a")}) == 3


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    target = tmp_path / "tool"
    with pytest.raises(ZeroDivisionError), downloads.new_folder(target) as fresh:
        (fresh / "half").touch()
        raise ZeroDivisionError
    assert not target.exists()
    with downloads.new_folder(target) as fresh:
        (fresh / "whole").touch()
    assert [file.name for file in target.iterdir()] == ["whole"]


def test_a_download_that_is_not_what_was_expected_goes(tmp_path):
    file = tmp_path / "program"
    file.write_bytes(b"something else")
    with pytest.raises(Failure, match="run the command again"):
        downloads.verify(file, "0" * 64)
    assert not file.exists()


def test_too_little_room_is_a_sentence(monkeypatch):
    usage = namedtuple("usage", "total used free")(10, 9, 2**20)
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(Failure, match="The disk is too full: 2000 MB are needed"):
        downloads.need_space(2000)


def test_a_cache_that_cannot_be_written_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(downloads, "CACHE", tmp_path / "file" / "cache")
    with pytest.raises(Failure, match="set XDG_CACHE_HOME"):
        downloads.create_cache()
