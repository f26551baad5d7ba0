# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Pages of the kernel's page pool that are in use when their driver goes, as
# those of a network card are while a socket holds what has come in. No network
# driver of the kernel would show it: 6.1 has none with such a pool for a card
# that QEMU has, and later kernels unmap the pages when the driver goes.

# shellcheck source=/dev/null
. /guest/translating.sh
# shellcheck source=/dev/null
. /guest/lingering.sh

PAGES=64

use_pages()
{
	echo "$1" >/sys/module/odma_edu_leaver/parameters/pool_pages
}

# pooled <words...>
pooled()
{
	phase="$*"
	use_pages $PAGES
	leave_behind "$phase" "$@"
	lingers "$phase, unbound" "$EDU" "$1" - odma_edu_leaver $((late + 1)) 2
	works "$phase, rebound: bind" bind "$EDU"
	moves_right "$phase, rebound" "$EDU"
	works "$phase, rebound: the pages come back" let_go all
	copied_back "$phase, rebound"
	moves_right "$phase, rebound, after that" "$EDU"
	works "$phase: unbind" unbind "$EDU"
	works "$phase: detach" put "pci $EDU" "$DETACH"
	same "$phase, detached: it lingers" "$(counter "$EDU" state)" lingering
	works "$phase, detached: the pages come back" let_go all
	given_back "$phase, detached" "$EDU"
	use_pages 0
	all_is_well "$phase, in the end"
}

case $(uname -r) in
6.1.*) late=$PAGES ;;
*) late=0 ;;
esac

expect_leftovers
begin_lingering
pooled iommu strict
pooled iommu lazy
pooled swiotlb force
works "rmmod the driver that leaves things behind" rmmod odma_edu_leaver
no_more_leftovers
works "rmmod the modules of the backends" unload_iommu
works "rmmod odma" unload_odma
