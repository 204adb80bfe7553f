import pytest
from cq import python_env
from cq.console import Failure

RUNNING = ("/bin/running", (3, 11))
TOO_NEW = ("/bin/running", (3, 14))


def test_the_running_python_is_used_if_odoo_runs_on_it():
    assert python_env.choose(None, RUNNING, {(3, 12): "/bin/other"}) == RUNNING


def test_another_one_of_path_is_used_if_the_running_one_is_too_new():
    found = {(3, 10): "/bin/python3.10", (3, 13): "/bin/python3.13"}
    assert python_env.choose(None, TOO_NEW, found) == ("/bin/python3.13", (3, 13))


def test_the_python_that_the_user_names_wins():
    wanted = ("/opt/python", (3, 10))
    assert python_env.choose(wanted, RUNNING, {}) == wanted


@pytest.mark.parametrize("version", [(3, 9), (3, 14), None])
def test_a_python_that_cannot_be_used_is_named(version):
    with pytest.raises(Failure, match="PYTHON=/opt/python"):
        python_env.choose(("/opt/python", version), RUNNING, {})


def test_no_usable_python_is_a_sentence():
    with pytest.raises(Failure, match=r"Python 3\.10 to 3\.13 is needed"):
        python_env.choose(None, TOO_NEW, {})


def test_what_is_no_python_has_no_version():
    assert python_env.version_of("/nowhere/python") is None
