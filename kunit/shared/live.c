// SPDX-License-Identifier: GPL-2.0
/*
 * What is live on a device, asked of its backend as the core asks.
 */
#include <odma/bounce.h>
#include "live.h"

struct odma_leftovers odma_live_in(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);
	struct odma_leftovers left = { };

	odev->backend->live(odev, &left);
	return left;
}

struct odma_leftovers odma_live_bounced(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);
	struct odma_leftovers left = { };

	if (odev->bounce)
		odev->bounce->live(odev, &left);
	return left;
}

/* What is left of a backend that has nothing more to do with the device. */
static struct odma_backend odma_spent;

void odma_force_out(struct kunit *test, struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct odma_backend *backend = odev->backend;

	odma_spent = (struct odma_backend) {
		.name = backend->name,
		.owner = backend->owner,
		.ops = backend->ops,
		.translates = backend->translates,
	};
	KUNIT_ASSERT_NOT_NULL(test, backend->abandon);
	backend->abandon(odev);
	odev->priv = NULL;
	odev->backend = &odma_spent;
}
