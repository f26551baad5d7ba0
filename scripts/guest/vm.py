# SPDX-License-Identifier: GPL-2.0
"""Boot a guest, follow what it reports, and end it when it hangs.

Two serial ports go to files: the first is the kernel's console, the second
carries nothing but what the scripts in the guest report, a line each, so that
no kernel message can be taken for a result or tear one apart.
"""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from initramfs import Initramfs
from kernel import TOP, KernelError, project_modules

INSIDE = Path(__file__).resolve().parent / "inside"

# Multi-threaded TCG has crashed guests in early boot (Documentation/testing.md),
# and KVM is not to be had everywhere.
ACCEL = ("-accel", "tcg,thread=single", "-smp", "2")

COMMAND_LINE = (
    "console=ttyS0",
    "loglevel=7",
    # an oops ends the guest at once instead of leaving it half dead
    "oops=panic",
    "panic=-1",
    # a guest that hangs is asked why
    "sysrq_always_enabled",
    # what the guest writes to /dev/kmsg must not be rate-limited away
    "printk.devkmsg=on",
    "net.ifnames=0",
)

_POLL = 0.1
_BUSY_TRIES = 100

# What a kernel that says nothing is asked for, by the keyboard: every task's
# stack, those that wait for a lock or for a disk, and what each CPU is at.
_KEYS = ("alt-sysrq-t", "alt-sysrq-w", "alt-sysrq-l")
_ANSWER_SECONDS = 5

_running = set()
_guests_on = Counter()
_guests_on_lock = threading.Lock()


@contextmanager
def _one_processor():
    """What this thread starts meanwhile runs on one processor, the least used.

    QEMU before 8.1 leaves out the guest's memory barriers with thread=single,
    although its devices have another thread: an NVMe driver that writes a shadow
    doorbell and then looks whether the device wants to be told would at times
    read first and write then, and the queue stood still. Threads that take
    turns on a processor see each other's accesses in order.
    """
    usual = os.sched_getaffinity(0)
    with _guests_on_lock:
        processor = min(usual, key=_guests_on.__getitem__)
        _guests_on[processor] += 1
    try:
        # This thread's own, and inherited.
        os.sched_setaffinity(0, {processor})
        yield
    finally:
        os.sched_setaffinity(0, usual)
        with _guests_on_lock:
            _guests_on[processor] -= 1


def end_all():
    """Kill every guest, from whatever thread it was started."""
    for qemu in list(_running):
        qemu.kill()


@dataclass
class Outcome:
    """What a boot left behind."""

    status: list = field(default_factory=list)
    console: str = ""
    exit_code: int = None
    ended_by: str = ""  # why the guest had to be killed, empty if it was not
    seconds: float = 0.0


class Guest:
    """One boot of a kernel with a plan for the scripts in it.

    `plan` becomes shell variables in the guest, `modules` are the stock
    kernel's modules it may load, `qemu` the machine and its devices, `files`
    are more (path in the guest, path here).
    """

    def __init__(self, kernel, folder, plan, modules, qemu, append=(),
                 build=None, memory=1024, files=()):
        self.kernel = kernel
        self.folder = Path(folder)
        self.console = self.folder / "console.log"
        self.status = self.folder / "status.log"
        self.monitor = self.folder / "monitor"
        self._plan = plan
        self._modules = modules
        self._qemu = list(qemu)
        self._append = list(append)
        self._build = build
        self._memory = memory
        self._files = files

    def _make_initramfs(self):
        busybox = shutil.which("busybox")
        if not busybox:
            raise KernelError("no busybox here: install busybox-static")
        archive = Initramfs()
        for name in ("dev", "proc", "sys", "tmp", "run", "sbin", "usr/bin", "usr/sbin"):
            archive.directory(name)
        archive.node("dev/console", 5, 1)
        archive.file("bin/busybox", Path(busybox).read_bytes(), 0o755)
        archive.link("bin/sh", "busybox")
        for path in sorted(INSIDE.rglob("*")):
            if path.is_file():
                name = path.relative_to(INSIDE)
                archive.file(f"guest/{name}", path.read_bytes(), 0o755)
        archive.link("init", "guest/init")
        archive.file("guest/plan", self._plan_text().encode())
        for name, content in self.kernel.module_files(self._modules):
            archive.file(name, content)
        if self._build:
            for name, path in project_modules(self.kernel, self._build).items():
                archive.file(f"odma/{name}", path.read_bytes())
            tool = TOP / "scripts/odma"
            if tool.is_file():
                archive.file("bin/odma", tool.read_bytes(), 0o755)
        for name, source in self._files:
            archive.file(name, source.read_bytes(), 0o755)
        path = self.folder / "initramfs.cpio"
        archive.write(path)
        return path

    def _plan_text(self):
        lines = ["# shellcheck shell=sh disable=SC2034\n"]
        for name, value in self._plan.items():
            quoted = str(value).replace("'", "'\\''")
            lines.append(f"{name}='{quoted}'\n")
        return "".join(lines)

    def _command(self):
        qemu = shutil.which("qemu-system-x86_64")
        if not qemu:
            raise KernelError("no qemu-system-x86_64 here: install qemu-system-x86")
        return [
            qemu, "-no-user-config", "-nodefaults", "-no-reboot",
            *ACCEL, "-m", str(self._memory), "-display", "none",
            "-serial", f"file:{self.console}",
            "-serial", f"file:{self.status}",
            "-qmp", f"unix:{self.monitor},server=on,wait=off",
            *self._qemu,
            "-kernel", str(self.kernel.image),
            "-initrd", str(self._make_initramfs()),
            "-append", " ".join([*COMMAND_LINE, *self._append]),
        ]

    def command(self, line):
        """Have QEMU's monitor do this; what it says, which is nothing if it did.

        What the guest sees to be gone QEMU still has for a moment.
        """
        for _ in range(_BUSY_TRIES):
            answer = self._ask_monitor(line)
            if "already in use" not in answer and "Duplicate device ID" not in answer:
                break
            time.sleep(_POLL)
        return answer

    def _ask_monitor(self, line):
        steps = ({"execute": "qmp_capabilities"},
                 {"execute": "human-monitor-command", "arguments": {"command-line": line}})
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(10)
                connection.connect(str(self.monitor))
                answers = connection.makefile()
                answers.readline()  # its greeting
                for step in steps:
                    connection.sendall(json.dumps(step).encode())
                    answer = {}
                    # What happens meanwhile is told in between.
                    while not {"return", "error"} & answer.keys():
                        answer = json.loads(answers.readline())
        except (OSError, ValueError) as error:
            return f"no answer: {error}"
        return str(answer.get("return", answer)).strip()

    def _ask_why(self):
        """Have a guest that hangs write what it is at to its console."""
        for key in _KEYS:
            self.command(f"sendkey {key}")
            time.sleep(_ANSWER_SECONDS)
        registers = self.command("info registers -a")
        (self.folder / "registers.log").write_text(registers + "\n", encoding="utf-8")

    def run(self, report, timeout, silence):
        """Boot; call `report` with each status line as it comes.

        The guest is killed when it takes longer than `timeout` seconds, or
        says nothing at all for `silence` seconds.
        """
        outcome = Outcome()
        self.status.touch()
        self.console.touch()
        begun = heard = time.monotonic()
        said = ""
        rest = ""
        size = 0
        with _one_processor(), open(self.folder / "qemu.log", "wb") as log, \
                open(self.status, encoding="utf-8", errors="replace") as status:
            qemu = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log)
            _running.add(qemu)
            try:
                ended = False
                while not ended:
                    # One more look at the file after the guest has gone.
                    ended = qemu.poll() is not None
                    said = status.read()
                    *lines, rest = (rest + said).split("\n")
                    for line in filter(None, map(str.strip, lines)):
                        outcome.status.append(line)
                        report(line)
                    now = time.monotonic()
                    if said or size != self.console.stat().st_size:
                        size = self.console.stat().st_size
                        heard = now
                    if now - begun > timeout:
                        outcome.ended_by = f"took more than {timeout} s"
                    elif now - heard > silence:
                        outcome.ended_by = f"said nothing for {silence} s"
                    if outcome.ended_by:
                        # What it says to that is nothing that went wrong.
                        outcome.console = self.console.read_text(errors="replace")
                        self._ask_why()
                        break
                    if not ended:
                        time.sleep(_POLL)
            finally:
                if qemu.poll() is None:
                    qemu.kill()
                outcome.exit_code = qemu.wait()
                _running.discard(qemu)
        outcome.seconds = time.monotonic() - begun
        if not outcome.ended_by:
            outcome.console = self.console.read_text(errors="replace")
        return outcome
