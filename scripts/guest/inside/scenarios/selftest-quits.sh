# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# For the harness's own test: a script that dies half-way.
pass "the scenario begins"
exit 0
