# SPDX-License-Identifier: GPL-2.0
"""Every device model under every kind of rule, next to the kernel's own DMA.

A model works on the kernel's DMA, or models.py says why it does not; where it
does, it works under odma, or models.py says why not, and then it is so.
"""

import hashlib
import os
import random
import re
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch

import scan
from boots import Boot
from disk import MIB
from kernel import SERIES, TOP
from models import LEFT_OUT, MACHINES, MODELS
from session import SEED, Session

# Cards for a machine: what goes on its bus, and takes a few minutes.
_CARDS = 16
_FIRST_SLOT = 2

DOCUMENT = TOP / "Documentation/devices.md"
_BEGIN = "<!-- what follows is written by: scripts/guest/run sweep --write -->\n"

OK, KNOWN, FAILED = "ok", "known", "failed"


@dataclass
class Case:
    """A model under a rule, on a kernel."""

    verdict: str
    why: str = ""


@dataclass
class Heard:
    """What a boot said."""

    cases: dict = field(default_factory=dict)  # (model, mode): (worked, text)
    troubles: dict = field(default_factory=dict)  # (model, mode): lines of the log
    told: dict = field(default_factory=dict)  # (model, mode): what odma said


def chosen(names):
    """The models of these names, all of them if there is none."""
    unknown = set(names) - {model.name for model in MODELS}
    if unknown:
        raise ValueError(f"no model {', '.join(sorted(unknown))}")
    return [model for model in MODELS if not names or model.name in names]


def _difference(model, series, machine, mode):
    for difference in model.differs:
        if difference.covers(series, machine, mode):
            return difference
    return None


def _not_tried(models, series, machine):
    return [(model.name, mode) for model in models for mode in machine.modes
            if (known := _difference(model, series, machine, mode)) and not known.tried]


def _log_name(mode):
    """As the guest writes it to its kernel's log."""
    return mode.replace(" ", "-")


def _goes_into(model, series, machine):
    """Is it tried there at all?"""
    return len(_not_tried([model], series, machine)) < len(machine.modes)


def absent(series, models):
    """(model, mode): Case, of the models that are not put into a machine."""
    return {(model.name, mode): _judge_one(series, machine, mode, model, Heard(), False)
            for machine in MACHINES for model in models for mode in machine.modes
            if not _goes_into(model, series, machine)}


def boots_of(series, models):
    """(machine, models, boot): few of them, for all of these models."""
    for machine in MACHINES:
        there = [model for model in models if _goes_into(model, series, machine)]
        # What is ended by force keeps odma's modules: those have a boot of their own.
        part = 0
        for leaving in (False, True):
            for cards in _shared([model for model in there if bool(model.leaves) == leaving]):
                part += 1
                yield machine, cards, _boot(series, machine, cards, part)


def _shared(models):
    """About as many for each boot, and neighbours not together."""
    count = -(-len(models) // _CARDS)
    return [models[part::count] for part in range(count)]


def _boot(series, machine, models, part):
    qemu = list(machine.qemu)
    qemu += ["-audiodev", "none,id=sound"]
    lines = []
    disks = []
    nets = []
    modules = {}
    for number, model in enumerate(models, _FIRST_SLOT):
        slot = f"0x{number:x}"
        names = {"id": f"m{number}", "drive": f"disk{number}", "net": f"net{number}",
                 "loop": f"loop{number}", "sound": "sound", "folder": "@FOLDER@"}
        device = model.device or model.name
        function = f"0000:00:{number:02x}.0"
        text = " ".join((model.options, *model.behind))
        if "{drive}" in text:
            disks.append((names["drive"], function))
        if "{net}" in text:
            nets.append(names["net"])
        if "{loop}" in text:
            # A pipe that QEMU has both ends of.
            qemu += ["-chardev", f"pipe,id={names['loop']},path=@FOLDER@/{names['loop']}"]
        qemu += [option.format(**names) for option in model.objects]
        options = [f"{device},id={names['id']},addr={slot}", model.options.format(**names)]
        qemu += ["-device", ",".join(filter(None, options))]
        for other in model.behind:
            qemu += ["-device", _with_id(other, names)]
        modules.update(dict.fromkeys(model.modules.split()))
        lines.append("|".join((model.name, function, model.driver, model.work,
                               "yes" if model.dma else "no",
                               _leaves(model), model.modules)))
    plan = (("MODELS", "\n".join(lines)),
            ("RULES", "\n".join(f"{mode}|{rule}" for mode, rule in machine.rules.items())),
            ("LEAVERS", "yes" if any(model.leaves for model in models) else ""),
            ("BEFORE", machine.before), ("AFTER", machine.after),
            ("NOT_TRIED", "\n".join("|".join(pair)
                                    for pair in _not_tried(models, series, machine))))
    return Boot(name=f"sweep-{machine.name}-{part}", scenarios=("sweep",),
                qemu=tuple(qemu), modules=tuple(modules), disks=tuple(disks),
                nets=tuple(nets), append=machine.append, plan=plan,
                sizes=(("pattern_mib", 1), ("net_mib", 1), ("disk_mib", 4)))


def _leaves(model):
    if not model.leaves:
        return "no"
    return "yes" if model.always else "maybe"


def _with_id(device, names):
    """What has something behind it itself is named after its controller."""
    if device.startswith(("usb-uas", "usb-bot")):
        device += ",id={id}-usb"
    return device.format(**names)


class SweepSession(Session):
    """A boot with the scenario `sweep`, which judges nothing by itself."""

    def __init__(self, kernel, machine, models, boot, options, on_check):
        super().__init__(kernel, boot, options, on_check)
        self._series = kernel.series
        self._machine = machine
        self._models = models
        self._modes = machine.modes if options.build else (machine.before,)
        self.heard = Heard()
        self.cases = {}

    def _boot_guest(self, folder, stack):
        for name in re.findall(r"path=@FOLDER@/(loop\d+)", " ".join(self._boot.qemu)):
            os.mkfifo(folder / name)
        shared = random.Random(SEED).randbytes(MIB)
        (folder / "pattern").write_bytes(shared)
        self._boot = replace(
            self._boot,
            qemu=tuple(option.replace("@FOLDER@", str(folder)) for option in self._boot.qemu),
            plan=(*self._boot.plan, ("SHARED_SHA256", hashlib.sha256(shared).hexdigest())))
        return super()._boot_guest(folder, stack)

    def _hear(self, line):
        word, _, rest = line.partition(" ")
        if word == "case":
            model, mode, verdict, text = rest.split("|", 3)
            self.heard.cases[model, mode] = (verdict == "ok", text.strip())
        else:
            super()._hear(line)

    def _judge(self, outcome):
        super()._judge(outcome)
        self.cases = judge(self._series, self._machine, self._modes, self._models, self.heard)
        for (model, mode), case in self.cases.items():
            if case.verdict != KNOWN:
                self._add("sweep", f"{model}, {mode}",
                          case.why if case.verdict == FAILED else "")

    def _judge_log(self, outcome):
        """What the kernel complained about while a model was tried is its failure."""
        known = {f"{model}/{_log_name(mode)}": (model, mode)
                 for model, mode in self.heard.cases}
        rest = []
        for where, line in scan.troubles(outcome.console):
            if where in known:
                self.heard.troubles.setdefault(known[where], []).append(line)
            else:
                rest.append((where, line))
        for where, line in scan.said(outcome.console, "odma"):
            if where in known and "attached to" not in line and "detached from" not in line:
                self.heard.told[known[where]] = line
        self._judge_troubles(rest, outcome)


def judge(series, machine, modes, models, heard):
    """(model, mode): Case, of each that there should be."""
    cases = {}
    for model in models:
        without = _judge_one(series, machine, machine.before, model, heard, True)
        cases[model.name, machine.before] = without
        for mode in modes[1:]:
            case = _judge_one(series, machine, mode, model, heard, without.verdict == OK)
            cases[model.name, mode] = case
    return cases


def _trouble(model, lines):
    """What the kernel complained about, but for what it always does of this model."""
    always = model.noise and re.compile(rf"{model.noise}|\bCall Trace\b")
    forgiven = always and any(re.search(model.noise, line) for line in lines)
    return next((line for line in lines if not (forgiven and always.search(line))), "")


def _judge_one(series, machine, mode, model, heard, comparable):
    """A case; there is nothing to compare it with if it fails without odma, too."""
    known = _difference(model, series, machine, mode)
    if known and not known.tried:
        return Case(KNOWN, known.why)
    if not comparable:
        return Case(KNOWN, "fails without odma, too")
    if (model.name, mode) not in heard.cases:
        return Case(FAILED, "it was not tried")
    worked, text = heard.cases[model.name, mode]
    trouble = _trouble(model, heard.troubles.get((model.name, mode), ()))
    if worked and not trouble:
        if known:
            return Case(FAILED, f"it works, and models.py says otherwise: {known.why}")
        return Case(OK, text)
    if known:
        return Case(KNOWN, known.why)
    why = [] if worked else [text or "failed"]
    why += [f"the kernel's log: {trouble}"] if trouble else []
    told = heard.told.get((model.name, mode))
    why += [f"odma's last line: {told}"] if told else []
    return Case(FAILED, "; ".join(why))


#
# What there is, and what came out
#


def not_listed():
    """The PCI and USB devices of this QEMU that models.py says nothing of."""
    done = subprocess.run([shutil.which("qemu-system-x86_64"), "-device", "help"],
                          stdout=subprocess.PIPE, text=True, check=True)
    there = re.findall(r'^name "([^"]+)", bus (?:PCI|usb-bus)\b', done.stdout, re.MULTILINE)
    listed = {model.device or model.name for model in MODELS}
    listed |= {device.split(",")[0] for model in MODELS for device in model.behind}
    patterns = [pattern for names, _ in LEFT_OUT for pattern in names]
    return [name for name in there
            if name not in listed and not any(fnmatch(name, pattern) for pattern in patterns)]


class _Notes:
    """Reasons, each with the number that it is referred to by."""

    def __init__(self):
        self._numbers = {}

    def __call__(self, text):
        return f"[{self._numbers.setdefault(text, len(self._numbers) + 1)}]"

    def lines(self):
        return [f"{number}. {text}" for text, number in self._numbers.items()]


def _cell(cases, model, mode, notes):
    """The same on every kernel, or each of them by name."""
    said = defaultdict(list)
    for series in SERIES:
        case = cases.get((series, model.name, mode))
        if not case or case.verdict == FAILED:
            said["**fails**"].append(series)
        else:
            said["ok" if case.verdict == OK else notes(case.why)].append(series)
    if len(said) == 1:
        return next(iter(said))
    return ", ".join(f"{' '.join(where)}: {what}" for what, where in said.items())


def _name(model, notes):
    texts = [f"when its driver is unbound, {model.leaves}"] if model.leaves else []
    texts += [model.noise_why] if model.noise_why else []
    texts += [] if model.dma else ["it does no DMA, and nothing of it goes through odma"]
    return " ".join([f"`{model.name}`", *map(notes, texts)])


def document(cases):
    """The whole document: what stands before the tables is not this program's."""
    notes = _Notes()
    modes = [mode for machine in MACHINES for mode in machine.modes]
    rows = ["| model | driver | " + " | ".join(modes) + " |",
            "|---" * (2 + len(modes)) + "|"]
    for model in MODELS:
        cells = [_cell(cases, model, mode, notes) for mode in modes]
        rows.append(f"| {_name(model, notes)} | {model.driver} | {' | '.join(cells)} |")
    out = ["| models | why |", "|---|---|"]
    for names, why in LEFT_OUT:
        shown = ", ".join(f"`{name}`" for name in names)
        out.append(f"| {shown} | {why} |")
    before = DOCUMENT.read_text(encoding="utf-8").split(_BEGIN)[0]
    return "\n".join([before + _BEGIN, *rows, "", *notes.lines(), "", "## Left out", "",
                      *out, ""])
