/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is live on a device, asked of its backend as the core asks.
 */
#ifndef _ODMA_KUNIT_LIVE_H
#define _ODMA_KUNIT_LIVE_H

#include "fixture.h"

/* What the backend has; what bounces under one that does not know of it. */
struct odma_leftovers odma_live_in(struct device *dev);
struct odma_leftovers odma_live_bounced(struct device *dev);

/*
 * End an attachment by force. The device's ops stay until its driver is
 * unbound, and must not be called any more.
 */
void odma_force_out(struct kunit *test, struct device *dev);

static inline void odma_expect_live(struct kunit *test, struct device *dev,
				    u64 mappings, u64 bytes)
{
	struct odma_leftovers left = odma_live_in(dev);

	KUNIT_EXPECT_EQ(test, mappings, left.mappings);
	KUNIT_EXPECT_EQ(test, bytes, left.bytes);
}

#endif /* _ODMA_KUNIT_LIVE_H */
