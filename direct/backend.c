// SPDX-License-Identifier: GPL-2.0
/*
 * The direct backend: streaming mappings, and the table that a device gets.
 *
 * There are four tables, compiled from the same code. Two are for devices that
 * see the CPU's caches and for those that don't, which is settled at attach, so
 * no mapping has to ask. The other two are the same with a safety net: a device
 * gets one of these when the first of its buffers has bounced.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/memremap.h>
#include <linux/scatterlist.h>
#include <odma/bounce.h>
#include <trace/events/odma.h>
#include "../mapping/core.h"
#include "cache.h"
#include "direct.h"

/*
 * The hot functions leave for anything unusual by a call in tail position, so
 * that the usual way through them saves no registers.
 */
static noinline dma_addr_t odma_traced_map(struct device *dev,
					   phys_addr_t phys, dma_addr_t addr,
					   size_t size,
					   enum dma_data_direction dir,
					   unsigned long attrs)
{
	trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

static noinline void odma_traced_unmap(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	trace_odma_unmap(dev, addr, size, dir, attrs);
}

static noinline void odma_traced_sync(struct device *dev, dma_addr_t addr,
				      size_t size,
				      enum dma_data_direction dir,
				      bool for_cpu)
{
	trace_odma_sync(dev, addr, size, dir, for_cpu);
}

static __always_inline dma_addr_t
odma_direct_map_at(struct device *dev, phys_addr_t phys, dma_addr_t addr,
		   size_t size, enum dma_data_direction dir,
		   unsigned long attrs, bool coherent)
{
	if (!odma_direct_reaches(addr, size, odma_direct_limit(dev)))
		return odma_direct_unreachable(dev, phys, addr, size, dir,
					       attrs);
	if (!coherent && odma_cache_shared(size, dir))
		return odma_direct_shared(dev, phys, addr, size, dir, attrs);
	if (!coherent && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_cache_for_device(phys, size);
	if (trace_odma_map_enabled())
		return odma_traced_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

/* Devices behind a bus that shifts addresses. */
static noinline dma_addr_t
odma_direct_map_ranged(struct device *dev, phys_addr_t phys, size_t size,
		       enum dma_data_direction dir, unsigned long attrs,
		       bool coherent)
{
	dma_addr_t addr = odma_phys_to_dma(dev, phys);

	if (!odma_direct_range_holds(dev, phys, size))
		return odma_direct_unreachable(dev, phys, addr, size, dir,
					       attrs);
	return odma_direct_map_at(dev, phys, addr, size, dir, attrs, coherent);
}

static __always_inline dma_addr_t
odma_direct_map(struct device *dev, phys_addr_t phys, size_t size,
		enum dma_data_direction dir, unsigned long attrs,
		bool coherent)
{
	if (unlikely(dev->dma_range_map))
		return odma_direct_map_ranged(dev, phys, size, dir, attrs,
					      coherent);
	return odma_direct_map_at(dev, phys, phys, size, dir, attrs, coherent);
}

static __always_inline void
odma_direct_unmap(struct device *dev, dma_addr_t addr, size_t size,
		  enum dma_data_direction dir, unsigned long attrs,
		  bool coherent, bool net)
{
	struct odma_device *odev = odma_device_of(dev);

	if (!coherent && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_cache_for_cpu(dma_to_phys(dev, addr), size, dir);
	if (net)
		odev->bounce->unmap(odev, dma_to_phys(dev, addr), size, dir,
				    attrs);
	if (trace_odma_unmap_enabled())
		odma_traced_unmap(dev, addr, size, dir, attrs);
}

static noinline void odma_trace_map_sg(struct device *dev,
				       struct scatterlist *sgl, int nents,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		trace_odma_map(dev, sg_phys(sg), sg_dma_address(sg), sg->length,
			       dir, attrs);
}

/*
 * An entry of length 0 maps nothing and is passed through, as the kernel does.
 * When an entry fails only those that have bounced need undoing: a direct
 * mapping holds nothing, and cleaned cache lines do no harm.
 */
static __always_inline int
odma_direct_map_list(struct device *dev, struct scatterlist *sgl, int nents,
		     enum dma_data_direction dir, unsigned long attrs,
		     bool coherent)
{
	u64 limit = odma_direct_limit(dev);
	struct scatterlist *sg;
	int i;

	if (unlikely(nents <= 0))
		return -EINVAL;
	for_each_sg(sgl, sg, nents, i) {
		phys_addr_t phys = sg_phys(sg);
		dma_addr_t addr = odma_phys_to_dma(dev, phys);

		if (unlikely(is_pci_p2pdma_page(sg_page(sg)))) {
			odma_map_failed(dev, phys, sg->length, dir, attrs,
					ODMA_FAIL_P2PDMA);
			odma_direct_undo(dev, sgl, i, dir, attrs);
			return -EREMOTEIO;
		}
		if ((!odma_direct_reaches(addr, sg->length, limit) ||
		     !odma_direct_in_one_range(dev, phys, sg->length)) &&
		    sg->length) {
			addr = odma_direct_bounce(dev, phys, addr, sg->length,
						  dir, attrs);
			if (addr == DMA_MAPPING_ERROR)
				return odma_direct_undo(dev, sgl, i, dir,
							attrs);
		} else if (!coherent && odma_cache_shared(sg->length, dir)) {
			addr = odma_direct_unshare(dev, phys, addr, sg->length,
						   dir, attrs);
			if (addr == DMA_MAPPING_ERROR)
				return odma_direct_undo(dev, sgl, i, dir,
							attrs);
		} else if (!coherent && !(attrs & DMA_ATTR_SKIP_CPU_SYNC)) {
			odma_cache_for_device(phys, sg->length);
		}
		sg_dma_address(sg) = addr;
		sg_dma_len(sg) = sg->length;
	}
	if (trace_odma_map_enabled())
		odma_trace_map_sg(dev, sgl, nents, dir, attrs);
	return nents;
}

static __always_inline void
odma_direct_unmap_list(struct device *dev, struct scatterlist *sgl, int nents,
		       enum dma_data_direction dir, unsigned long attrs,
		       bool coherent, bool net)
{
	struct scatterlist *sg;
	int i;

	if (coherent && !net && !trace_odma_unmap_enabled())
		return;
	for_each_sg(sgl, sg, nents, i)
		odma_direct_unmap(dev, sg_dma_address(sg), sg_dma_len(sg), dir,
				  attrs, coherent, net);
}

static __always_inline void
odma_direct_sync(struct device *dev, dma_addr_t addr, size_t size,
		 enum dma_data_direction dir, bool for_cpu, bool coherent,
		 bool net)
{
	struct odma_device *odev = odma_device_of(dev);

	if (!coherent && for_cpu)
		odma_cache_for_cpu(dma_to_phys(dev, addr), size, dir);
	if (net)
		odev->bounce->sync(odev, dma_to_phys(dev, addr), size, dir,
				   for_cpu);
	if (!coherent && !for_cpu)
		odma_cache_for_device(dma_to_phys(dev, addr), size);
	if (trace_odma_sync_enabled())
		odma_traced_sync(dev, addr, size, dir, for_cpu);
}

static __always_inline void
odma_direct_sync_list(struct device *dev, struct scatterlist *sgl, int nents,
		      enum dma_data_direction dir, bool for_cpu, bool coherent,
		      bool net)
{
	struct scatterlist *sg;
	int i;

	if (coherent && !net && !trace_odma_sync_enabled())
		return;
	for_each_sg(sgl, sg, nents, i)
		odma_direct_sync(dev, sg_dma_address(sg), sg->length, dir,
				 for_cpu, coherent, net);
}

/* Registers of another device: no RAM, so no dma-ranges and no cache. */
static dma_addr_t odma_direct_map_resource(struct device *dev,
					   phys_addr_t phys, size_t size,
					   enum dma_data_direction dir,
					   unsigned long attrs)
{
	dma_addr_t addr = phys;

	if (!size || !odma_direct_reaches(addr, size, odma_direct_limit(dev)))
		return odma_direct_fail(dev, phys, addr, size, dir, attrs);
	trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

static void odma_direct_unmap_resource(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	trace_odma_unmap(dev, addr, size, dir, attrs);
}

/* One table's functions; see the head of the file. */
#define ODMA_DIRECT_VARIANT(prefix, memory, coherent, net)		\
static __always_inline dma_addr_t					\
prefix##_map_phys(struct device *dev, phys_addr_t phys, size_t size,	\
		  enum dma_data_direction dir, unsigned long attrs)	\
{									\
	return odma_direct_map(dev, phys, size, dir, attrs, coherent);	\
}									\
static __always_inline void						\
prefix##_unmap_phys(struct device *dev, dma_addr_t addr, size_t size,	\
		    enum dma_data_direction dir, unsigned long attrs)	\
{									\
	odma_direct_unmap(dev, addr, size, dir, attrs, coherent, net);	\
}									\
ODMA_OPS_ADAPTERS(prefix)						\
static int prefix##_map_sg(struct device *dev, struct scatterlist *sg,	\
			   int nents, enum dma_data_direction dir,	\
			   unsigned long attrs)				\
{									\
	return odma_direct_map_list(dev, sg, nents, dir, attrs,		\
				    coherent);				\
}									\
static void prefix##_unmap_sg(struct device *dev,			\
			      struct scatterlist *sg, int nents,	\
			      enum dma_data_direction dir,		\
			      unsigned long attrs)			\
{									\
	odma_direct_unmap_list(dev, sg, nents, dir, attrs, coherent,	\
			       net);					\
}									\
static void prefix##_sync_for_cpu(struct device *dev, dma_addr_t addr,	\
				  size_t size,				\
				  enum dma_data_direction dir)		\
{									\
	odma_direct_sync(dev, addr, size, dir, true, coherent, net);	\
}									\
static void prefix##_sync_for_device(struct device *dev,		\
				     dma_addr_t addr, size_t size,	\
				     enum dma_data_direction dir)	\
{									\
	odma_direct_sync(dev, addr, size, dir, false, coherent, net);	\
}									\
static void prefix##_sync_sg_for_cpu(struct device *dev,		\
				     struct scatterlist *sg, int nents,	\
				     enum dma_data_direction dir)	\
{									\
	odma_direct_sync_list(dev, sg, nents, dir, true, coherent, net);\
}									\
static void prefix##_sync_sg_for_device(struct device *dev,		\
					struct scatterlist *sg,		\
					int nents,			\
					enum dma_data_direction dir)	\
{									\
	odma_direct_sync_list(dev, sg, nents, dir, false, coherent,	\
			      net);					\
}									\
static const struct dma_map_ops prefix##_ops = {			\
	.alloc			= memory##_alloc,			\
	.free			= memory##_free,			\
	.odma_alloc_pages_op	= odma_direct_alloc_pages,		\
	.free_pages		= odma_direct_free_pages,		\
	.mmap			= memory##_mmap,			\
	.get_sgtable		= odma_direct_get_sgtable,		\
	ODMA_OPS_MAP(prefix),						\
	.map_sg			= prefix##_map_sg,			\
	.unmap_sg		= prefix##_unmap_sg,			\
	ODMA_OPS_RESOURCE(odma_direct),					\
	.sync_single_for_cpu	= prefix##_sync_for_cpu,		\
	.sync_single_for_device	= prefix##_sync_for_device,		\
	.sync_sg_for_cpu	= prefix##_sync_sg_for_cpu,		\
	.sync_sg_for_device	= prefix##_sync_sg_for_device,		\
	.dma_supported		= odma_direct_mask_supported,		\
	.get_required_mask	= odma_direct_required_mask,		\
	.max_mapping_size	= odma_direct_max_mapping_size,		\
}

ODMA_DIRECT_VARIANT(odma_coherent, odma_coherent, true, false);
ODMA_DIRECT_VARIANT(odma_noncoherent, odma_noncoherent, false, false);
ODMA_DIRECT_VARIANT(odma_coherent_net, odma_coherent, true, true);
ODMA_DIRECT_VARIANT(odma_noncoherent_net, odma_noncoherent, false, true);

/**
 * odma_direct_is_coherent() - what a table says of its device
 * @ops: one of the direct backend's tables
 *
 * Return: true where the device sees the CPU's caches.
 */
bool odma_direct_is_coherent(const struct dma_map_ops *ops)
{
	return ops == &odma_coherent_ops || ops == &odma_coherent_net_ops;
}
EXPORT_SYMBOL_GPL(odma_direct_is_coherent);

/* The same table with a safety net; NULL where @ops is none of ours. */
static const struct dma_map_ops *odma_with_net(const struct dma_map_ops *ops)
{
	if (odma_direct_is_coherent(ops))
		return &odma_coherent_net_ops;
	if (ops == &odma_noncoherent_ops || ops == &odma_noncoherent_net_ops)
		return &odma_noncoherent_net_ops;
	return NULL;
}

/* Functions that watch stay in place: they call what is in odev->base. */
#define odma_replace(odev, from, to, member)				\
do {									\
	if ((odev)->ops.member == (from)->member)			\
		WRITE_ONCE((odev)->ops.member, (to)->member);		\
} while (0)

/**
 * odma_direct_spread_net() - this device is about to bounce for the first time
 * @odev: attached
 *
 * What is mapped directly is unmapped alike by the old functions and the new
 * ones; the buffer that is about to bounce has its unmap come after this, on
 * any CPU, as the driver has its address from us. On two CPUs at once both
 * write the same.
 *
 * Context: any.
 *
 * Return: false where the device is not on the direct path alone, so that its
 * unmaps would not come here.
 */
bool odma_direct_spread_net(struct odma_device *odev)
{
	/* Pairs with the release below: the other members come with it. */
	const struct dma_map_ops *from = smp_load_acquire(&odev->base);
	const struct dma_map_ops *to = odma_with_net(from);

	if (!to || to == from)
		return to;
	odma_replace(odev, from, to, odma_unmap_op);
	odma_replace(odev, from, to, unmap_sg);
	odma_replace(odev, from, to, sync_single_for_cpu);
	odma_replace(odev, from, to, sync_single_for_device);
	odma_replace(odev, from, to, sync_sg_for_cpu);
	odma_replace(odev, from, to, sync_sg_for_device);
	/* Pairs with the load above: whoever sees this one sees the others */
	smp_store_release(&odev->base, to);
	return true;
}

static int odma_direct_check_option(const char *key, const char *value)
{
	unsigned int kib;

	if (!value)
		return -EINVAL;
	/* Its share of the bounce buffers */
	if (!strcmp(key, "limit_kib"))
		return kstrtouint(value, 0, &kib) || !kib ||
		       kib > U32_MAX / SZ_1K ? -EINVAL : 0;
	if (strcmp(key, "coherent"))
		return -EINVAL;
	return strcmp(value, "yes") && strcmp(value, "no") ? -EINVAL : 0;
}

/*
 * The kernel knows whether a device sees the caches; a rule may know better,
 * say of a PCI device that does not snoop.
 */
static bool odma_direct_coherent(const struct odma_device *odev)
{
	if (odma_option_is(odev, "coherent", "no"))
		return false;
	if (odma_option_is(odev, "coherent", "yes"))
		return true;
	return dev_is_dma_coherent(odev->dev);
}

/**
 * odma_direct_get_ops() - the direct path for a device, under any backend
 * @odev: the device, attached or being attached
 * @ops: set to the table that fits the device, for odma_direct_put_ops()
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0 or -ENOMEM.
 */
int odma_direct_get_ops(const struct odma_device *odev,
			const struct dma_map_ops **ops)
{
	if (odma_direct_coherent(odev)) {
		*ops = &odma_coherent_ops;
		return 0;
	}
	*ops = &odma_noncoherent_ops;
	return odma_stock_get();
}
EXPORT_SYMBOL_GPL(odma_direct_get_ops);

/**
 * odma_direct_put_ops() - the device that got this table is being detached
 * @ops: from odma_direct_get_ops()
 *
 * Context: process context, odma_mutex held.
 */
void odma_direct_put_ops(const struct dma_map_ops *ops)
{
	if (ops == &odma_noncoherent_ops || ops == &odma_noncoherent_net_ops)
		odma_stock_put();
}
EXPORT_SYMBOL_GPL(odma_direct_put_ops);

static int odma_direct_attach(struct odma_device *odev)
{
	return odma_direct_get_ops(odev, &odev->base);
}

static void odma_direct_detach(struct odma_device *odev)
{
	odma_direct_put_ops(odev->base);
}

static struct odma_backend odma_direct = {
	.name = "direct",
	.in_place = true,
	.ops = &odma_coherent_ops,
	.check_option = odma_direct_check_option,
	.attach = odma_direct_attach,
	.detach = odma_direct_detach,
};

int __init odma_direct_init(void)
{
	odma_direct_find_zones();
	return odma_register_backend(&odma_direct);
}

void odma_direct_exit(void)
{
	odma_unregister_backend(&odma_direct);
}
