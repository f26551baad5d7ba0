# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For the harness's own test: the kernel dies.
pass "the scenario begins"
echo c >/proc/sysrq-trigger
