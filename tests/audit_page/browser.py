# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, spoken to through its pipe (Chrome DevTools Protocol: JSON, each message ended by a NUL).

``python tests/audit_page/browser.py FOLDER`` writes screenshots and PDFs of the samples there, to look at.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE, NARROW = 1280, 400
_PATIENCE = 60.0


def found() -> Optional[str]:
    """The browser: that of AEGIS_CHROMIUM, or of the PATH."""
    named = os.environ.get("AEGIS_CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


@dataclass
class Browser:
    """One tab. said: what the page wrote to the console, and what the browser did not let it do."""

    to: int
    back: int
    session: str = ""
    said: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    _number: int = 0
    _rest: bytes = b""
    _loaded: bool = False

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for something, and its result."""
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, path: Path, width: int, dark: bool = False) -> None:
        """Show a file in a window that is so wide."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=scheme)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self._loaded = False
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not self._loaded:
            self._next()

    def value(self, expression: str) -> Any:
        """What JavaScript says of the page. The page's policy is about the page, not about this."""
        found_there = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found_there, found_there
        return found_there["result"].get("value")

    def screenshot(self, top: float = 0, height: float = 0) -> bytes:
        """The page as PNG: all of it, or a part."""
        width = self.value("innerWidth")
        whole = height or self.value("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": top, "width": width, "height": whole, "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
        return base64.b64decode(data)

    def pdf(self) -> bytes:
        """The page as it is printed on A4."""
        size = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True, "preferCSSPageSize": True}
        return base64.b64decode(self.call("Page.printToPDF", **size)["data"])

    def end(self) -> None:
        """Ask the browser to go, with all that it started."""
        with suppress(OSError):
            os.write(self.to, json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _to, _wrong = select.select([self.back], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser says nothing"
            read = os.read(self.back, 1 << 20)
            assert read, "the browser has gone"
            self._rest += read
        line, _nul, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, method: str, params: dict[str, Any]) -> None:
        self._loaded = self._loaded or method == "Page.loadEventFired"
        if method == "Log.entryAdded":
            self.said.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.said.append(str(params["args"]))
        elif method == "Runtime.exceptionThrown":
            self.said.append(str(params["exceptionDetails"]))
        elif method == "Network.requestWillBeSent":
            self.fetched.append(params["request"]["url"])


@contextmanager
def browser(program: str) -> Iterator[Browser]:
    """A browser that is there within the block, with a profile of its own."""
    child_reads, to = os.pipe()
    back, child_writes = os.pipe()
    with tempfile.TemporaryDirectory() as profile:
        flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --hide-scrollbars"
        pipe = f"--remote-debugging-pipe 3<&{child_reads} 4>&{child_writes}"
        command = f'exec "$0" {flags} --user-data-dir="$1" about:blank {pipe}'
        process = subprocess.Popen(
            ["bash", "-c", command, program, profile],
            pass_fds=(child_reads, child_writes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(child_reads)
        os.close(child_writes)
        made = Browser(to, back)
        try:
            target = made.call("Target.createTarget", url="about:blank")["targetId"]
            made.session = made.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                made.call(f"{domain}.enable")
            yield made
        finally:
            made.end()
            process.wait(timeout=20)
            os.close(to)
            os.close(back)


def main(folder: Path) -> None:
    """Pictures of every sample, in light, dark, narrow and on paper."""
    from ansible_collections.aegis.nats.plugins.module_utils.audit.as_html import as_html
    from ansible_collections.aegis.nats.tests.unit.plugins.module_utils.audit import samples

    program = found()
    assert program, "there is no Chromium"
    folder.mkdir(parents=True, exist_ok=True)
    with browser(program) as tab:
        for name, report in samples.all_of_them().items():
            page = folder / f"{name}.html"
            page.write_text(as_html(report), encoding="utf-8")
            for look, width, dark in (("light", WIDE, False), ("dark", WIDE, True), ("narrow", NARROW, False)):
                tab.open(page, width, dark)
                (folder / f"{name}-{look}.png").write_bytes(tab.screenshot())
            (folder / f"{name}.pdf").write_bytes(tab.pdf())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
