# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Modules of odma where the kernel's modprobe finds them, and not.

# provide <module>, withdraw <module>
provide()
{
	cp "/odma/$1.ko" "/lib/modules/$(uname -r)/"
	echo "$1.ko:" >>"/lib/modules/$(uname -r)/modules.dep"
}

withdraw()
{
	rm "/lib/modules/$(uname -r)/$1.ko"
	sed -i "/^$1.ko:/d" "/lib/modules/$(uname -r)/modules.dep"
}
