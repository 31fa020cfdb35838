"""tap - the results of a test written in Python, as tests/run reads them.

    with check("mail arrives"):      # not ok if an exception comes out: assert says what
        assert ...
    finish()                         # the plan; exits
"""
import contextlib
import sys
import traceback

_count = _failed = 0


def result(name, passed, explanation=""):
    global _count, _failed
    _count += 1
    _failed += not passed
    print(f"{'ok' if passed else 'not ok'} {_count} - {name}")
    for line in explanation.splitlines():
        print(f"# {line}")
    sys.stdout.flush()


@contextlib.contextmanager
def check(name):
    """The body is one test."""
    try:
        yield
    except Exception as error:  # a test may fail in any way; the next one goes on
        where = "".join(traceback.format_tb(error.__traceback__)[-1:])
        result(name, False, f"{type(error).__name__}: {error}\n{where}")
    else:
        result(name, True)


def finish():
    print(f"1..{_count}")
    sys.exit(1 if _failed else 0)
