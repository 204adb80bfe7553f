import pytest
from cq import testing
from cq.console import Failure
from cq.paths import MODULE_LINK, REPO

HERE = str(MODULE_LINK / "dev" / "tests" / "test_testing.py")


def test_paths_of_the_checkout_become_the_ones_that_odoo_sees():
    folder = REPO / "dev"
    assert testing.translate(["tests/test_testing.py"], folder) == [HERE]
    assert testing.translate([f"{__file__}::test_x"], "/") == [f"{HERE}::test_x"]


def test_options_their_values_and_other_paths_stay():
    arguments = ["-k", "tests", "-x", "--maxfail", "1", "/tmp", "nowhere.py"]
    assert testing.translate(arguments, REPO / "dev") == arguments


def test_the_database_is_taken_out_of_the_arguments():
    assert testing.take_database(["-x", "-d", "name", "y"]) == ("name", ["-x", "y"])
    assert testing.take_database(["-x"]) == (None, ["-x"])
    with pytest.raises(Failure, match="dev/pytest -d NAME"):
        testing.take_database(["-d"])


def test_without_paths_every_suite_is_run():
    assert not testing.names_tests(["-k", "review"])
    assert testing.names_tests([HERE, "-x"])
