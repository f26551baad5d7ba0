# SPDX-License-Identifier: GPL-2.0
"""Read what the benchmark's guests say, and lay it out for people.

The list of what is compared with what, and the targets, are in targets.py.
"""

import re
from dataclasses import dataclass
from statistics import median

from targets import ROWS

# QEMU's virt machine counts 62.5 MHz, and an instruction takes a nanosecond.
INSTRUCTIONS_PER_TICK = 16

LINE = re.compile(r"odma-bench: ([^|]+\|[^|]+\|[^|]+\|[^|]+\|\d+\|[\d ]+)$")


@dataclass(frozen=True)
class Series:
    """One thing that was measured in each round; see struct bench_series."""

    group: str
    impl: str
    what: str
    op: str
    ops: int
    ticks: tuple

    @property
    def key(self):
        return self.group, self.impl, self.what, self.op

    @property
    def instructions(self):
        """Of one operation, in the middle one of the rounds."""
        return median(self.ticks) * INSTRUCTIONS_PER_TICK / self.ops


def parse(log):
    found = (LINE.search(line.rstrip()) for line in log.splitlines())
    words = (match.group(1).split("|") for match in found if match)
    return [
        Series(*names, int(ops), tuple(map(int, ticks.split())))
        for *names, ops, ticks in words
    ]


def failures(log):
    """Every reason not to believe in this boot."""
    wrong = re.findall(r"odma-bench: (failed: .*)", log)
    if "odma-bench: done, 0 failures" not in log:
        wrong.append("the benchmark did not come to its end")
    return wrong


class Figures:
    """Instructions an operation, by group, implementation, case and operation."""

    def __init__(self, series):
        self.series = {one.key: one for one in series}

    def cost(self, side):
        """The sum over the operations of one side of a row; None if it is not there."""
        group, impl, what, ops = side
        found = [self.series.get((group, impl, what, op)) for op in ops]
        if None in found:
            return None
        return sum(one.instructions for one in found)

    def write(self, path):
        with path.open("w") as out:
            out.write("group\timpl\tcase\top\tinstructions\tops\tticks of each round\n")
            for one in self.series.values():
                ticks = " ".join(map(str, one.ticks))
                words = (*one.key, f"{one.instructions:.1f}", one.ops, ticks)
                out.write("\t".join(map(str, words)) + "\n")


def number(value):
    return "" if value is None else f"{value:,.0f}"


def verdict(row, ratio):
    if row.target is None:
        return "", ""
    return f"{row.target:.2f}", "ok" if ratio <= row.target else "OVER"


def lines_of(figures, complete):
    """The table's lines, and the rows that miss their targets; not to have been
    measured is to miss it, where all should have been.
    """
    lines, missed, title = [], [], None
    for row in ROWS:
        kernel, odma = figures.cost(row.kernel), figures.cost(row.odma)
        if kernel is None and odma is None:
            if complete and row.target is not None:
                missed.append(f"{row.title}: {row.what}: not measured")
            continue
        if row.title != title:
            title = row.title
            lines.append((title,))
        ratio = odma / kernel if kernel and odma is not None else None
        target, word = ("", "") if ratio is None else verdict(row, ratio)
        if word == "OVER" or (complete and row.target is not None and not word):
            missed.append(f"{row.title}: {row.what}")
        shown = "" if ratio is None else f"{ratio:.2f}"
        lines.append((row.what, number(kernel), number(odma), shown, target, word))
    return lines, missed


HEAD = ("instructions an operation", "kernel", "odma", "ratio", "target", "")
LAYOUT = "  {:<38}{:>10}{:>10}{:>8}{:>8}  {}"


def show(figures, complete):
    """Print the table; what missed its target."""
    lines, missed = lines_of(figures, complete)
    print(LAYOUT.format(*HEAD).rstrip())
    for line in lines:
        if len(line) == 1:
            print(f"\n{line[0]}")
        else:
            print(LAYOUT.format(*line).rstrip())
    print(f"\n{sum('ok' in line for line in lines)} targets met, {len(missed)} missed")
    for what in missed:
        print(f"  missed: {what}")
    return missed


def sanity(figures):
    """How many rows with a target were measured, and how many were not."""
    wanted = [row for row in ROWS if row.target is not None]
    there = [
        row for row in wanted if figures.cost(row.kernel) and figures.cost(row.odma)
    ]
    return len(there), len(wanted) - len(there)
