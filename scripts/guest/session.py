# SPDX-License-Identifier: GPL-2.0
"""Run one boot from end to end and judge it."""

import random
import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import boots
import dmar
import made
import scan
from disk import MIB, Disk
from peer import Peer
from vm import Guest

# Seeds the data that the host makes: any number does, as long as a failure
# can be had again.
SEED = 20240501

TAIL_LINES = 40
# of the answer of a guest that was asked why it hangs (vm.py)
ANSWER_LINES = 200
ANSWER_BEGINS = "sysrq: Show "


@dataclass
class Options:
    build: Path = None  # no odma at all if None
    timeout: int = 900
    silence: int = 60
    memory: int = 1024
    keep: bool = False
    pattern_mib: int = 16
    slot_mib: int = 8
    net_mib: int = 8
    disk_mib: int = 64


@dataclass
class Check:
    scenario: str
    name: str
    why: str = ""  # empty if it passed


@dataclass
class Result:
    checks: list = field(default_factory=list)
    steps: list = field(default_factory=list)
    tables: list = field(default_factory=list)
    seconds: float = 0.0
    folder: Path = None  # set if the logs were kept

    @property
    def failed(self):
        return [check for check in self.checks if check.why]


class Session:
    """A boot of a kernel; `on_check` and `on_step` hear of things as they happen."""

    def __init__(self, kernel, boot, options, on_check=None, on_step=None):
        self._kernel = kernel
        self._boot = boot
        self._options = replace(options, **dict(boot.sizes))
        self._on_check = on_check or (lambda check: None)
        self._on_step = on_step or (lambda text: None)
        self._result = Result()
        self._wrote = {}
        self._sent = []
        self._ended = set()
        self._done = None
        self._made = []
        self._files = []
        self._guest = None

    def run(self):
        folder = Path(tempfile.mkdtemp(prefix=f"odma-{self._boot.name}-"))
        keep = True
        try:
            self._make(folder)
            with ExitStack() as stack:
                outcome = self._boot_guest(folder, stack)
            self._judge(outcome)
            self._result.seconds = outcome.seconds
            keep = bool(self._result.failed) or self._options.keep
        finally:
            shutil.rmtree(folder / "redirect", ignore_errors=True)
            # The images are large and their content is known; logs are not.
            for path in folder.glob("*.img"):
                path.unlink()
            if keep:
                (folder / "initramfs.cpio").unlink(missing_ok=True)
                self._result.folder = folder
            else:
                shutil.rmtree(folder)
        return self._result

    def _make(self, folder):
        """The guest does without what could not be made, and fails."""
        options = self._options
        if self._boot.firmware:
            table = folder / "dmar.aml"
            table.write_bytes(dmar.table(self._boot.firmware))
            self._files.append((dmar.PATH, table))
        if not options.build:
            return
        for scenario, name, why, files in made.make(
                self._kernel, self._boot.scenarios, options.build, folder):
            self._made.append((scenario, name, why))
            if not why:
                self._files += files

    def _boot_guest(self, folder, stack):
        options = self._options
        boot = self._boot
        plan = {
            "SCENARIOS": " ".join(boot.scenarios),
            "BASELINE": "" if options.build else "yes",
            "NVME": boots.NVME,
            "VIRTIO_BLK": boots.VIRTIO_BLK,
            "E1000E": boots.E1000E,
            "EDU": boots.EDU,
            "AHCI": boots.AHCI,
            "VIRTIO_NET": boots.VIRTIO_NET,
            "E1000": boots.E1000,
            "IVSHMEM": boots.IVSHMEM,
            "PATTERN_MIB": options.pattern_mib,
            "SLOT_MIB": options.slot_mib,
            "NET_MIB": options.net_mib,
            **dict(boot.plan),
        }
        qemu = []
        self._disks = {}
        for drive, function in boot.disks:
            path = folder / f"{drive}.img"
            disk = Disk(path, SEED, options.pattern_mib, options.disk_mib)
            self._disks[drive] = (function, disk)
            plan["PATTERN_SHA256"] = disk.sha256
            qemu += ["-drive", f"if=none,format=raw,cache=unsafe,id={drive},file={path}"]
        self._peer = None
        if boot.nets:
            data = random.Random(SEED + 1).randbytes(options.net_mib * MIB)
            self._peer = stack.enter_context(Peer(data))
            plan["PEER_PORT"] = self._peer.port
            plan["PEER_SHA256"] = self._peer.sha256
            for net in boot.nets:
                qemu += ["-netdev", f"user,id={net},ipv6=off"]
        self._guest = Guest(self._kernel, folder, plan, boot.modules,
                            [*qemu, *boot.qemu], (*self._kernel.append, *boot.append),
                            options.build, options.memory, self._files)
        slowness = self._kernel.slowness
        return self._guest.run(self._hear, options.timeout * slowness,
                               options.silence * slowness)

    def _hear(self, line):
        word, _, rest = line.partition(" ")
        if word in ("pass", "fail"):
            scenario, _, text = rest.partition(": ")
            name, _, why = text.partition("\t")
            if word == "fail":
                why = why.strip() or "no reason given"
            self._add(scenario, name, why)
        elif word == "wrote":
            function, offset, size, checksum = rest.split()
            # The last word on a slot is what must be there in the end.
            self._wrote[function, int(offset)] = (int(size), checksum)
        elif word == "sent":
            self._sent.append(rest)
        elif word == "table":
            self._result.tables.append(dict(f.split("=", 1) for f in rest.split()))
        elif word == "monitor":
            scenario, _, command = rest.partition(": ")
            why = self._guest.command(command)
            if why:
                self._add(scenario, f"the machine does '{command}'", why)
        elif word == "step":
            self._on_step(rest)
        elif word == "end":
            self._ended.add(rest)
        elif word == "done":
            self._done = tuple(int(number) for number in rest.split())
        elif word != "begin":
            self._add("guest", "status channel", f"unexpected line '{line}'")

    def _add(self, scenario, name, why=""):
        check = Check(scenario, name, why)
        self._result.checks.append(check)
        self._on_check(check)

    def _judge(self, outcome):
        """What the guest can't know, or would not live to tell."""
        heard = len(self._result.checks)
        failed = len(self._result.failed)
        for check in self._made:
            self._add(*check)
        for scenario in self._boot.scenarios:
            if scenario not in self._ended:
                self._add(scenario, "came to its end", "the guest never said so")
        where = self._boot.name
        if outcome.ended_by:
            self._add(where, "powered itself off", outcome.ended_by)
        elif outcome.exit_code:
            self._add(where, "powered itself off", f"QEMU exited with {outcome.exit_code}")
        elif self._done is None:
            self._add(where, "powered itself off", "without a final report")
        else:
            self._add(where, "powered itself off")
            told = (heard - failed, failed)
            if self._done != told:
                self._add(where, "every result arrived",
                          f"the guest counts {self._done}, the host {told}")
            self._judge_data()
        self._judge_log(outcome)

    def _judge_log(self, outcome):
        self._judge_troubles(scan.troubles(outcome.console), outcome)

    def _judge_troubles(self, troubles, outcome):
        where = self._boot.name
        if troubles:
            for scenario, line in troubles[:10]:
                self._add(where, f"clean kernel log during {scenario}", line)
        elif outcome.console:
            self._add(where, "clean kernel log")
        else:
            self._add(where, "clean kernel log", "the console stayed empty")

    def _judge_data(self):
        where = self._boot.name
        for drive, (function, disk) in self._disks.items():
            slots = {offset: entry for (writer, offset), entry in self._wrote.items()
                     if function in ("", writer)}
            wrong = [f"at {offset} MiB" for offset, (size, checksum) in slots.items()
                     if disk.checksum(offset, size) != checksum]
            if not disk.pattern_intact():
                wrong.append("in the pattern that nobody should have touched")
            if not slots and not wrong:
                continue
            self._add(where, f"{drive}: the image on the host holds the {len(slots)} "
                             "blocks that were written", ", ".join(wrong))
        if self._peer and self._sent:
            size = self._options.net_mib * MIB
            missing = [s for s in self._sent if self._peer.received.get(s) != size]
            self._add(where, f"the host has the {len(self._sent)} streams sent",
                      ", ".join(missing))


def show_logs(folder, out=sys.stdout):
    """The end of what a failed guest had to say."""
    for name in ("qemu.log", "console.log"):
        path = folder / name
        if path.exists() and path.stat().st_size:
            lines = path.read_text(errors="replace").splitlines()
            answers = [number for number, line in enumerate(lines) if ANSWER_BEGINS in line]
            print(f"--- the end of {path}", file=out)
            print("\n".join(lines[:answers[0] if answers else None][-TAIL_LINES:]), file=out)
            if answers:
                # The first answer, every task's stack, is for the file alone.
                print("--- what it answers when asked why it hangs", file=out)
                print("\n".join(lines[answers[min(1, len(answers) - 1)]:][:ANSWER_LINES]),
                      file=out)
    print(f"--- all logs of this boot are in {folder}", file=out, flush=True)
