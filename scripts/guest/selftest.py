# SPDX-License-Identifier: GPL-2.0
"""Does the harness notice what it is there to notice?

Guests that fail in every way that a guest can; each must be reported as a
failure, and as the right one. And one that works its disk hard must not fail.
"""

import shutil
from dataclasses import replace

import boots
import sweep
from models import PLAIN, Difference, Model
from session import ANSWER_BEGINS, Session

# boot, seconds of silence that end it, the failures that must be reported
CASES = (
    (
        replace(boots.DEMO, name="selftest-lies",
                scenarios=("selftest-quits", "selftest-wrong", "selftest-noise",
                           "selftest-fails")),
        60,
        (
            "selftest-quits: ran to its end",
            "selftest-lies: nvme: the image on the host holds the 1 blocks that were written",
            "selftest-lies: the host has the 1 streams sent",
            "selftest-lies: clean kernel log during selftest-noise",
            "selftest-fails: same",
            "selftest-fails: at_least",
            "selftest-fails: at_least of something that is no number",
            "selftest-fails: at_most",
            "selftest-fails: works",
        ),
    ),
    (
        boots.Boot(name="selftest-crash", scenarios=("selftest-crash",),
                   qemu=("-machine", "pc"), modules=()),
        60,
        (
            "selftest-crash: came to its end",
            "selftest-crash: powered itself off",
            "selftest-crash: clean kernel log during selftest-crash",
        ),
    ),
    (
        boots.Boot(name="selftest-hang", scenarios=("selftest-hang",),
                   qemu=("-machine", "pc"), modules=()),
        20,
        (
            "selftest-hang: came to its end",
            "selftest-hang: powered itself off",
        ),
    ),
    (
        replace(boots.DEMO, name="selftest-doorbells",
                scenarios=("selftest-doorbells",)),
        60,
        (),
    ),
)


_LINE = "WARNING: at foo.c:1 foo"
_KNOWN = Difference(("direct",), "it is known")

# what the sweep hears of a model under `direct`, and what it must make of that
JUDGED = (
    ("works", {}, {"direct": (True, "9")}, {}, sweep.OK),
    ("fails", {}, {"direct": (False, "no disk")}, {}, sweep.FAILED),
    ("is not tried", {}, {}, {}, sweep.FAILED),
    ("makes the kernel complain", {}, {"direct": (True, "9")}, {"direct": [_LINE]},
     sweep.FAILED),
    ("makes the kernel complain, as it always does", {"noise": r"foo\.c"},
     {"direct": (True, "9")}, {"direct": [_LINE]}, sweep.OK),
    ("makes the kernel complain of something else", {"noise": r"foo\.c"},
     {"direct": (True, "9")}, {"direct": [_LINE, "BUG: bar"]}, sweep.FAILED),
    ("fails, as is known", {"differs": (_KNOWN,)}, {"direct": (False, "no disk")}, {},
     sweep.KNOWN),
    ("works, though it is known not to", {"differs": (_KNOWN,)}, {"direct": (True, "9")},
     {}, sweep.FAILED),
    ("fails without odma, too", {}, {"none": (False, "no disk")}, {}, sweep.KNOWN),
)


def _judging(series, tally):
    """The sweep's verdicts, without a boot."""
    for what, words, cases, troubles, expected in JUDGED:
        model = Model("foo", "foo", "disk", "foo", **words)
        heard = sweep.Heard(
            {("foo", mode): said for mode, said in {"none": (True, ""), **cases}.items()},
            {("foo", mode): lines for mode, lines in troubles.items()})
        case = sweep.judge(series, PLAIN, ("none", "direct"), [model], heard)["foo", "direct"]
        tally.add(series, f"the sweep judges a model that {what}",
                  "" if case.verdict == expected else
                  f"{case.verdict} ({case.why}), and not {expected}")


def run(kernel, options, tally):
    _judging(kernel.series, tally)
    for boot, silence, expected in CASES:
        guest = replace(options, build=None, silence=silence)
        result = Session(kernel, boot, guest).run()
        reported = {f"{check.scenario}: {check.name}" for check in result.failed}
        for name in expected:
            tally.add(kernel.series, f"harness notices: {name}",
                      "" if name in reported else "it was not reported as a failure")
        if boot.name == "selftest-hang":
            asked = result.folder and ANSWER_BEGINS in (
                result.folder / "console.log").read_text(errors="replace")
            tally.add(kernel.series, "harness asks a guest why it hangs",
                      "" if asked else "there is no answer in its log")
        if result.folder and not options.keep:
            shutil.rmtree(result.folder)
        extra = sorted(reported - set(expected))
        tally.add(kernel.series, f"harness reports nothing else of {boot.name}",
                  "; ".join(extra))
