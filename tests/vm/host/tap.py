# SPDX-License-Identifier: GPL-2.0-only
"""Tests as sentences, results in the Test Anything Protocol."""

import time
import traceback

SLOW_S = 20  # from here on the time is told

_tests = []


class Failure(Exception):
    """Something is not as it has to be; the text says what."""


class Skip(Exception):
    """The test can't be run here; the text says why."""


def test(sentence, suite):
    """Make a function a test of this suite. It takes the emulated host."""
    def add(function):
        _tests.append((sentence, suite, function))
        return function
    return add


def check(condition, text):
    if not condition:
        raise Failure(text)


def check_equal(got, wanted, what):
    check(got == wanted, f"{what}: {got}, and not {wanted}")


def note(text):
    for line in str(text).splitlines():
        print("#", line, flush=True)


def _where(error):
    """The line of a test that an error came through last."""
    frames = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in frames if "/test_" in frame.filename] or frames
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}"


def run(suite, only, host):
    """Run what the suite has, and see what is left; before and after each test
    the host sees whether all is well."""
    chosen = [t for t in _tests if t[1] == suite and (not only or only in t[0])]
    chosen.append(("nothing is left when all guests are gone", suite,
                   type(host).check_nothing_left))
    print(f"1..{len(chosen)}", flush=True)
    failed = len(chosen) == 1
    for number, (sentence, _, function) in enumerate(chosen, 1):
        start = time.monotonic()
        result, why = "ok", ""
        try:
            host.before()
            function(host)
            host.after()
        except Skip as skip:
            why = f" # SKIP {skip}"
        except Exception as error:  # whatever it is, the others go on
            result, failed = "not ok", True
            kind = "" if isinstance(error, Failure) else f"{type(error).__name__}: "
            why = f"\n# {_where(error)}: {kind}" + str(error).replace("\n", "\n# ")
        print(f"{result} {number} - {sentence}{why}", flush=True)
        if result == "not ok":
            host.explain()
            host.clean_up()
        seconds = time.monotonic() - start
        if seconds > SLOW_S:
            note(f"that took {seconds:.0f} s")
    return 1 if failed else 0
