# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Functions that the project's shell scripts share; source it, don't run it.

# Everything that takes long to make lives here, outside the checkout.
ODMA_CACHE=${ODMA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/odma}

say()
{
	printf '== %s\n' "$*" >&2
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# pkg_candidate <package>: the version that apt would install
pkg_candidate()
{
	LC_ALL=C apt-cache policy "$1" 2>/dev/null |
		sed -n 's/^  Candidate: //p' | grep -v '^(none)$'
}

# meta_target <metapackage>: the versioned kernel package that it stands for
meta_target()
{
	LC_ALL=C apt-cache depends "$1" 2>/dev/null |
		sed -n 's/^  Depends: \(linux-[a-z]*-[0-9].*\)$/\1/p' |
		grep -v -- '-common$' | head -n 1
}

# fetch_deb <package> <directory>: unpack a package there; no root needed,
# nothing gets installed.  The directory appears only when it is complete.
fetch_deb()
{
	[ -d "$2" ] && return 0
	fetch_tmp=$2.tmp.$$
	rm -rf "$fetch_tmp"
	mkdir -p "$fetch_tmp/deb" || return 1
	say "fetching $1"
	(cd "$fetch_tmp/deb" && apt-get -q download "$1" >fetch.log 2>&1) || {
		cat "$fetch_tmp/deb/fetch.log" >&2
		rm -rf "$fetch_tmp"
		die "apt-get could not download $1 (try: apt-get update)"
	}
	dpkg-deb -x "$fetch_tmp"/deb/*.deb "$fetch_tmp" ||
		die "could not unpack $1"
	rm -rf "$fetch_tmp/deb"
	mv -T "$fetch_tmp" "$2" 2>/dev/null || rm -rf "$fetch_tmp"
	[ -d "$2" ]
}
