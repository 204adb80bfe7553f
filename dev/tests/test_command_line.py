import pytest
from cq.command_line import with_configuration


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ["-c", "FILE"]),
        (["-d", "x", "-i", "y"], ["-c", "FILE", "-d", "x", "-i", "y"]),
        (["shell", "-d", "x"], ["shell", "-c", "FILE", "-d", "x"]),
        (["db", "duplicate", "a", "b"], ["db", "-c", "FILE", "duplicate", "a", "b"]),
        (["i18n", "export", "m"], ["i18n", "export", "-c", "FILE", "m"]),
        (["module", "install", "m"], ["module", "install", "-c", "FILE", "m"]),
        (["i18n", "--help"], ["i18n", "--help"]),
        (["help"], ["help"]),
        (["shell", "-c", "mine"], ["shell", "-c", "mine"]),
    ],
)
def test_the_configuration_is_given_where_the_command_takes_it(given, expected):
    assert with_configuration(given, "FILE") == expected
