"""What `make compat` calls broken."""

from compat import MANY, broken, count, run_again


def test_only_what_passed_without_us_can_be_broken():
    without = {"a": "passed", "b": "failed", "c": "skipped"}
    assert broken(without, {"a": "passed", "b": "failed", "c": "failed"}) == []
    assert broken(without, {"a": "failed", "b": "passed", "c": "passed"}) == ["a"]


def test_what_is_skipped_or_missing_with_us_did_not_pass():
    without = {"b": "passed", "a": "passed"}
    assert broken(without, {"a": "skipped"}) == ["a", "b"]
    assert broken({}, {"new": "failed"}) == []


class Replay:
    """A side that gives known outcomes."""

    def __init__(self, **outcomes):
        self.outcomes = outcomes

    def run(self, test):
        return {test: self.outcomes[test]}


def test_a_difference_is_believed_if_it_is_there_alone_too():
    plain = Replay(real="passed", moody="passed", dated="failed")
    ours = Replay(real="failed", moody="passed", dated="failed")
    assert run_again(plain, ours, ["dated", "moody", "real"]) == ["real"]


def test_many_differences_are_believed_at_once():
    tests = [str(number) for number in range(MANY + 1)]
    assert run_again(None, None, tests) == tests


def test_outcomes_are_counted():
    assert count({"a": "passed", "b": "failed", "c": "passed"}) == ["2", "0", "1"]
