# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Whatever device and driver the host was asked for.

# shellcheck disable=SC2086
works "load $ANY_MODULES" load $ANY_MODULES
function=
soon function_of "$ANY_DRIVER" && function=$(function_of "$ANY_DRIVER")
if [ -z "$function" ]; then
	fail "$ANY_DRIVER binds a PCI function" \
		"bound: $(for f in /sys/bus/pci/drivers/*/*:*; do echo "${f#/sys/bus/pci/drivers/}"; done)"
else
	pass "$ANY_DRIVER binds a PCI function"
	case $ANY_TEST in
	disk)
		# shellcheck source=/dev/null
		. /guest/disk-driver.sh
		disk_driver "$function"
		;;
	net)
		# shellcheck source=/dev/null
		. /guest/net-driver.sh
		net_driver "$function"
		;;
	attach)
		works "insmod odma" load_odma
		works "attach" attach "$function" direct stats
		works "still bound" bound "$function"
		with_odma && report_counters "$function"
		works "detach" detach "$function"
		works "bound after detach" bound "$function"
		works "rmmod odma" unload_odma
		;;
	esac
fi
