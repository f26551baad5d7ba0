# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Debian's e1000e driver on an attached device, against the host's server.
load e1000e
# shellcheck source=/dev/null
. /guest/net-driver.sh
net_driver "$E1000E" nothing_mapped
unload e1000e
