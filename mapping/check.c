// SPDX-License-Identifier: GPL-2.0
/*
 * Can this layer serve a device at all?
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/cc_platform.h>
#include "core.h"

/*
 * Guests under SEV or TDX need decrypted buffers, and SME puts a bit into DMA
 * addresses that most devices can't reach: set_memory_decrypted() is not for
 * modules, so such a device must stay with the kernel.
 */
static noinline bool odma_memory_encrypted(void)
{
	return cc_platform_has(CC_ATTR_MEM_ENCRYPT);
}

/* What is translated reaches memory at no address that bypass could give it. */
static int odma_may_bypass(struct device *dev,
			   const struct odma_backend *backend)
{
	if (!backend->translates)
		return 0;
	pr_err("%s not attached: bypass is for backends that don't translate, and '%s' does\n",
	       dev_name(dev), backend->name);
	return -EINVAL;
}

static int odma_has_mask(struct device *dev)
{
	struct device *parent;

	if (dev->dma_mask)
		return 0;
	parent = odma_dma_parent(dev);
	pr_err("%s not attached: it does no DMA of its own%s%s%s%s%s\n",
	       dev_name(dev), parent ? ": attach " : "",
	       parent ? dev_name(parent) : "",
	       parent && parent->bus ? " on " : "",
	       parent && parent->bus ? parent->bus->name : "",
	       parent ? ", which does it" : "");
	return -EOPNOTSUPP;
}

/**
 * odma_may_serve() - could this layer serve the device's DMA?
 * @dev: the device
 * @backend: what would serve it, or NULL while that is not there yet
 * @terms: how it is to be attached
 *
 * Whatever translates it now. Says in one log line why not, and what to do.
 *
 * Context: process context.
 *
 * Return: 0 or -EOPNOTSUPP; -EINVAL where flags and backend don't go together,
 * or words and device.
 */
int odma_may_serve(struct device *dev, const struct odma_backend *backend,
		   const struct odma_terms *terms)
{
	if (odma_memory_encrypted()) {
		pr_err("%s not attached: memory is encrypted, and a module can't make buffers that a device can read (remedy: boot with mem_encrypt=off, if this is no confidential guest)\n",
		       dev_name(dev));
		return -EOPNOTSUPP;
	}
	if (backend && (terms->flags & ODMA_BYPASS) &&
	    odma_may_bypass(dev, backend))
		return -EINVAL;
	if (odma_has_mask(dev))
		return -EOPNOTSUPP;
	/* Of what the kernel translates, they are dma-iommu's, if any. */
	if (!odma_kernel_translates(dev) && get_dma_ops(dev)) {
		pr_err("%s not attached: its DMA already belongs to another implementation (%ps)\n",
		       dev_name(dev), get_dma_ops(dev));
		return -EOPNOTSUPP;
	}
	return backend && backend->suits ?
		backend->suits(dev, terms->options) : 0;
}

/**
 * odma_may_attach() - can this layer serve the device's DMA as things are?
 * @dev: the device
 * @backend: what would serve it, or NULL while that is not there yet
 * @terms: how it is to be attached
 *
 * Context: process context.
 *
 * Return: as odma_may_serve(), also where the kernel translates the device and
 * @backend does not.
 */
int odma_may_attach(struct device *dev, const struct odma_backend *backend,
		    const struct odma_terms *terms)
{
	int ret = odma_may_serve(dev, backend, terms);

	if (ret || !odma_kernel_translates(dev) || !backend ||
	    backend->translates)
		return ret;
	pr_err("%s not attached: the kernel's IOMMU driver translates it (remedy: with no driver bound, echo identity > /sys/bus/%s/devices/%s/iommu_group/type, or boot with iommu=pt; or attach it to 'iommu', which takes the translation over)\n",
	       dev_name(dev), dev->bus ? dev->bus->name : "<bus>",
	       dev_name(dev));
	return -EOPNOTSUPP;
}
