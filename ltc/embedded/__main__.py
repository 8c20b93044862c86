"""Entered by `./dev`; every foreseen trouble ends in one sentence and a code other than 0."""

from __future__ import annotations

import errno
import sys

from ltc.embedded.commands import COMMANDS
from ltc.embedded.ground import CannotStart


def main(arguments: list[str]) -> int:
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except CannotStart as stopped:
        print(stopped, file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except OSError as failed:
        if failed.errno != errno.ENOSPC:
            raise
        print("The disk is full: make room, then run ./dev again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
