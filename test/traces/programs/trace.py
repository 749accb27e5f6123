import logging
import sys
import traceback

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("app")


def read(depth):
    if depth > 0:
        return read(depth - 1)
    return {}["missing"]


def load():
    try:
        read(2)
    except KeyError as error:
        raise ValueError("cannot load") from error


class Stop(BaseException):
    pass


print("starting", file=sys.stderr)
try:
    load()
except ValueError:
    log.exception("request failed")
log.warning("next request")
try:
    try:
        load()
    except ValueError:
        [1].index(2)
except ValueError:
    traceback.print_exc()
try:
    raise ExceptionGroup("several", [ValueError("one"), ExceptionGroup("inner", [TypeError("two")])])
except ExceptionGroup:
    traceback.print_exc()
print("between", file=sys.stderr)
try:
    raise Stop()
except Stop:
    traceback.print_exc()
try:
    eval("1 +")
except SyntaxError:
    traceback.print_exc()


def recurse():
    recurse()


try:
    recurse()
except RecursionError:
    traceback.print_exc()
print("last words", file=sys.stderr)
raise KeyboardInterrupt
