"""The Chromium that the browser tests drive: an installed one, or Debian's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium")


def find() -> str | None:
    given = os.environ.get("LTC_CHROMIUM")
    if given:
        return given
    found = [shutil.which(name) for name in NAMES] + [place for place in PLACES if os.access(place, os.X_OK)]
    return next((path for path in found if path), None)


def find_or_install(say: Callable[[str], None]) -> str | None:
    """The path to a Chromium, installed if this is a Debian and we are root; None when there is none to be had."""
    found = find()
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    say("· Installing Chromium for the browser tests")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]):
        subprocess.run(["apt-get", "-qq", *words], env=environment, capture_output=True, stdin=subprocess.DEVNULL)
    return find()
