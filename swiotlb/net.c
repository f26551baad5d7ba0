// SPDX-License-Identifier: GPL-2.0
/*
 * The safety net: what other backends call when a device can't reach a buffer.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <odma/bounce.h>
#include "../direct/direct.h"
#include "swiotlb.h"

/* The first of a device's buffers that bounces may do so in any context. */
static struct odma_client *odma_net_client(struct odma_device *odev)
{
	struct odma_client *client = READ_ONCE(odev->bounce_priv);

	if (likely(client))
		return client;
	client = odma_get_client(odev->dev, GFP_ATOMIC);
	WRITE_ONCE(odev->bounce_priv, client);
	return client;
}

static phys_addr_t odma_net_map(struct odma_device *odev, phys_addr_t phys,
				size_t size, unsigned int granule,
				unsigned long attrs)
{
	struct device *dev = odev->dev;
	struct odma_bounce_pool *pool;

	pool = granule ? odma_largest_pool() :
			 odma_pool_below(dev, *dev->dma_mask);
	phys = odma_bounce_for(pool, odma_net_client(odev), dev, phys, size,
			       granule, attrs);
	if (!granule && phys != PHYS_ADDR_MAX &&
	    !odma_direct_is_coherent(odev->base))
		odma_slots_for_device(phys, size);
	return phys;
}

/* Who has never bounced has nothing that could be undone. */
static bool odma_net_unmap(struct odma_device *odev, phys_addr_t phys,
			   size_t size, enum dma_data_direction dir,
			   unsigned long attrs)
{
	return odma_bounce_unmap(odev, READ_ONCE(odev->bounce_priv), phys,
				 size, dir, attrs);
}

static bool odma_net_sync(struct odma_device *odev, phys_addr_t phys,
			  size_t size, enum dma_data_direction dir,
			  bool for_cpu)
{
	return odma_bounce_sync(READ_ONCE(odev->bounce_priv), phys, size, dir,
				for_cpu);
}

static int odma_net_prepare(struct odma_device *odev, u64 mask)
{
	return odma_prepare_pool(odev->dev, mask);
}

/*
 * What the backend translates is behind an address that it counts, and our own
 * backend counts for itself.
 */
static struct odma_client *odma_net_counts(struct odma_device *odev)
{
	if (odev->backend->translates || odev->backend == &odma_swiotlb_backend)
		return NULL;
	return READ_ONCE(odev->bounce_priv);
}

static void odma_net_live(struct odma_device *odev, struct odma_leftovers *left)
{
	const struct odma_client *client = odma_net_counts(odev);

	if (client)
		odma_count_live(client, left);
}

static void odma_net_abandon(struct odma_device *odev)
{
	struct odma_client *client = READ_ONCE(odev->bounce_priv);

	if (client)
		odma_abandon_client(client);
}

static void odma_net_unplug(struct odma_device *odev)
{
	struct odma_client *client = READ_ONCE(odev->bounce_priv);

	if (client)
		odma_disown(client);
}

static size_t odma_net_max_size(struct odma_device *odev)
{
	struct device *dev = odev->dev;

	return odma_bounce_max_size(odma_pool_below(dev, *dev->dma_mask),
				    odma_net_client(odev), dev);
}

static const struct odma_bounce odma_swiotlb_net = {
	.owner = THIS_MODULE,
	.map = odma_net_map,
	.unmap = odma_net_unmap,
	.sync = odma_net_sync,
	.prepare = odma_net_prepare,
	.live = odma_net_live,
	.abandon = odma_net_abandon,
	.unplug = odma_net_unplug,
	.max_mapping_size = odma_net_max_size,
};

/* Both under the module's lock for parameters. */
static bool odma_net_wanted = true;
static bool odma_net_loaded;

static int odma_net_spread(bool spread)
{
	if (spread)
		return odma_register_bounce(&odma_swiotlb_net);
	odma_unregister_bounce(&odma_swiotlb_net);
	return 0;
}

/* A device that has bounced goes on to, until it is detached. */
static int odma_net_set(const char *value, const struct kernel_param *kp)
{
	bool wanted;
	int ret = kstrtobool(value, &wanted);

	if (ret || wanted == odma_net_wanted)
		return ret;
	if (odma_net_loaded)
		ret = odma_net_spread(wanted);
	if (!ret)
		odma_net_wanted = wanted;
	return ret;
}

static const struct kernel_param_ops odma_net_ops = {
	.set = odma_net_set,
	.get = param_get_bool,
};
module_param_cb(net, &odma_net_ops, &odma_net_wanted, 0644);
MODULE_PARM_DESC(net, "be the safety net of the other backends (default: yes)");

int odma_net_init(void)
{
	int ret = 0;

	kernel_param_lock(THIS_MODULE);
	if (odma_net_wanted)
		ret = odma_net_spread(true);
	odma_net_loaded = !ret;
	kernel_param_unlock(THIS_MODULE);
	return ret;
}

void odma_net_exit(void)
{
	kernel_param_lock(THIS_MODULE);
	odma_net_loaded = false;
	odma_net_spread(false);
	kernel_param_unlock(THIS_MODULE);
}
