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

# depends_on <package> <pattern>: the dependencies that a basic regular
# expression matches
depends_on()
{
	LC_ALL=C apt-cache depends "$1" 2>/dev/null |
		sed -n "s/^[ |]*Depends: \\($2\\)\$/\\1/p"
}

# meta_target <metapackage>: the versioned kernel package that it stands for
meta_target()
{
	depends_on "$1" 'linux-[a-z]*-[0-9].*' | grep -v -- '-common$' |
		head -n 1
}

# with_foreign_apt <architecture> <state directory> <apt-get arguments>...: apt of
# another architecture, which the machine's own apt knows nothing of
with_foreign_apt()
{
	foreign_arch=$1
	foreign_state=$2
	shift 2
	mkdir -p "$foreign_state/lists/partial" \
		"$foreign_state/cache/archives/partial"
	apt-get -q -o "APT::Architecture=$foreign_arch" \
		-o "APT::Architectures=$foreign_arch" \
		-o "APT::Sandbox::User=$(id -un)" \
		-o "Dir::State=$foreign_state" \
		-o Dir::State::status=/dev/null \
		-o "Dir::Cache=$foreign_state/cache" "$@"
}

# fetch_foreign_deb <architecture> <directory> <package>: as fetch_debs
fetch_foreign_deb()
{
	[ -d "$2" ] && return 0
	foreign_tmp=$2.tmp.$$
	rm -rf "$foreign_tmp"
	mkdir -p "$foreign_tmp/root" || return 1
	say "fetching $3 for $1"
	(
		cd "$foreign_tmp"
		with_foreign_apt "$1" "$foreign_tmp/apt" update &&
			with_foreign_apt "$1" "$foreign_tmp/apt" download "$3"
	) >"$foreign_tmp/fetch.log" 2>&1 || {
		cat "$foreign_tmp/fetch.log" >&2
		rm -rf "$foreign_tmp"
		die "apt-get could not download $3 for $1"
	}
	dpkg-deb -x "$foreign_tmp"/*.deb "$foreign_tmp/root" ||
		die "could not unpack $3 for $1"
	mv -T "$foreign_tmp/root" "$2" 2>/dev/null
	rm -rf "$foreign_tmp"
	[ -d "$2" ]
}

# fetch_debs <directory> <package>...: unpack packages there; no root needed,
# nothing gets installed.  The directory appears only when it is complete.
fetch_debs()
{
	fetch_dir=$1
	shift
	[ -d "$fetch_dir" ] && return 0
	fetch_tmp=$fetch_dir.tmp.$$
	rm -rf "$fetch_tmp"
	mkdir -p "$fetch_tmp/deb" || return 1
	say "fetching $*"
	(cd "$fetch_tmp/deb" && apt-get -q download "$@" >fetch.log 2>&1) || {
		cat "$fetch_tmp/deb/fetch.log" >&2
		rm -rf "$fetch_tmp"
		die "apt-get could not download $* (try: apt-get update)"
	}
	for fetch_deb in "$fetch_tmp"/deb/*.deb; do
		dpkg-deb -x "$fetch_deb" "$fetch_tmp" ||
			die "could not unpack $fetch_deb"
	done
	rm -rf "$fetch_tmp/deb"
	mv -T "$fetch_tmp" "$fetch_dir" 2>/dev/null || rm -rf "$fetch_tmp"
	[ -d "$fetch_dir" ]
}
