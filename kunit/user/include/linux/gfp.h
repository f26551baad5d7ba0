/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ODMA_USER_LINUX_GFP_H
#define _ODMA_USER_LINUX_GFP_H

#include <linux/bits.h>
#include <linux/types.h>

#define __GFP_DIRECT_RECLAIM	((gfp_t)BIT(0))
#define __GFP_KSWAPD_RECLAIM	((gfp_t)BIT(1))
#define __GFP_HIGH		((gfp_t)BIT(2))
#define __GFP_ZERO		((gfp_t)BIT(3))
#define __GFP_NOWARN		((gfp_t)BIT(4))
#define __GFP_DMA		((gfp_t)BIT(5))
#define __GFP_DMA32		((gfp_t)BIT(6))
#define __GFP_HIGHMEM		((gfp_t)BIT(7))
#define __GFP_COMP		((gfp_t)BIT(8))
#define __GFP_ACCOUNT		((gfp_t)BIT(9))
#define __GFP_NORETRY		((gfp_t)BIT(10))

#define GFP_ATOMIC		(__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT		__GFP_KSWAPD_RECLAIM
#define GFP_KERNEL		(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL_ACCOUNT	(GFP_KERNEL | __GFP_ACCOUNT)

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

#endif /* _ODMA_USER_LINUX_GFP_H */
