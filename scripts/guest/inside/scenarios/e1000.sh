# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Debian's e1000 driver: it copies small packets out of buffers that stay
# mapped, so it is the one here that synchronises.
load e1000
# shellcheck source=/dev/null
. /guest/net-driver.sh
idle_and_synced()
{
	nothing_mapped "$1"
	with_odma && at_least "sysfs counts the syncs" "$(counter "$1" syncs)" 1
}
net_driver "$E1000" idle_and_synced
unload e1000
