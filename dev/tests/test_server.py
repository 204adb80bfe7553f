import socket

import pytest
from cq import server
from cq.console import Failure


@pytest.mark.parametrize("text", ["", "http", "80", "70000", "-1"])
def test_what_is_no_port_is_a_sentence(text):
    with pytest.raises(Failure, match="is no port number"):
        server.port_number(text)


def test_a_port_that_somebody_listens_on_is_not_free():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not server.is_free(port)
    assert server.is_free(port)


def test_the_welcome_shows_each_demo_user(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "REPO", tmp_path)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "logins.csv").write_text(
        "role,login,password,name\nsales,anna,secret,Anna Ågren\n", encoding="utf-8"
    )
    text = server.welcome(8070)
    assert "http://localhost:8070" in text
    assert "  sales          anna   secret    Anna Ågren\n" in text
    assert "admin" in text
