/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For IOMMU providers: who drives the hardware under the backend "iommu".
 *
 * A provider says which devices it translates, and gives each of them (or each
 * group that the hardware can't tell apart) a domain. The translation of a
 * domain is kept in odma's own page tables (<odma/pgtable.h>), which the
 * provider points its hardware to, or the provider maps by functions of its
 * own.
 */
#ifndef _ODMA_IOMMU_H
#define _ODMA_IOMMU_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/types.h>
#include <odma/pgtable.h>

struct device;
struct odma_iommu_domain;

/* What an IOMMU does that not all do. */
#define ODMA_IOMMU_COHERENT	BIT(0)	/* every device behind it snoops */

/**
 * struct odma_iommu_geometry - which addresses a domain can translate
 * @page_sizes:	a bit for each size of a leaf, bytes
 * @first:	lowest input address
 * @last:	highest input address
 * @features:	ODMA_IOMMU_COHERENT, ...
 */
struct odma_iommu_geometry {
	unsigned long page_sizes;
	u64 first;
	u64 last;
	unsigned long features;
};

enum odma_reserved_type {
	ODMA_RESERVED_HOLE,	/* never hand it out */
	ODMA_RESERVED_IDENTITY,	/* in use already: map it to itself */
	ODMA_RESERVED_MSI,	/* a doorbell: map it to itself, as registers */
};

/**
 * struct odma_reserved - input addresses that are not for mappings
 * @node:	in the list that a provider fills
 * @start:	first address
 * @last:	last address
 * @prot:	how to map it, ODMA_READ, ...; not for a hole
 * @type:	what it is
 */
struct odma_reserved {
	struct list_head node;
	u64 start;
	u64 last;
	unsigned int prot;
	enum odma_reserved_type type;
};

/**
 * struct odma_iommu_gather - what was unmapped from a domain, not invalidated
 * @range:	the addresses
 * @pages:	memory of a provider's own tables, which it frees when the
 *		invalidation is through; struct page by its lru
 */
struct odma_iommu_gather {
	struct odma_gather range;
	struct list_head pages;
};

/**
 * struct odma_iommu - an IOMMU provider
 * @name:	for the log and debugfs: a word of at most 31 characters, no
 *		slash
 * @owner:	the module that registered it, of which each attached device has
 *		a reference; set by odma_register_iommu()
 * @probe:	is this device behind one of its IOMMUs? 0; -ENODEV where it is
 *		not; another error where it is and can't be had now, with one
 *		line in the log that says why and what to do. Process context.
 * @can_attach: could the device come under a domain now, but for the driver
 *		that is bound to it? 0, or an error with a line in the log;
 *		changes nothing. Process context. NULL: yes.
 * @group:	what the devices that share one translation have in common, by
 *		which they find the domain of the first; NULL where a device can
 *		have no company. Asked of any device: NULL for one that is not
 *		behind it. Process context.
 * @create:	a new domain for @dev: fill in domain->geometry, and either
 *		domain->pgtable or nothing, with @map and the rest in this
 *		table; domain->priv is the provider's. Process context.
 * @destroy:	undo @create. No device is attached. Process context.
 * @attach:	translate the device by this domain from now on. It is empty
 *		but for reserved addresses, so whatever the device does is
 *		denied. Process context, no driver is bound or its probe is
 *		about to run.
 * @detach:	the device gets back what it had before. The domain may live on,
 *		and be unmapped from and flushed, without any device. Process
 *		context.
 * @in_force: is the device translated by this domain still? What an
 *		administrator can take away behind our back makes it no. Process
 *		context. NULL: yes.
 * @get_reserved: append a struct odma_reserved for each such range, allocated
 *		with kmalloc; freed by the caller, also after an error.
 * @map:	where there is no domain->pgtable. 0; or -EEXIST, -ENOMEM, ...
 *		with nothing mapped. Any context that @gfp allows.
 * @unmap:	where there is no domain->pgtable: bytes unmapped, and never one
 *		that was not mapped; it ends at the first such. What is to be
 *		invalidated is added to @gather. Any context.
 * @miscounts:	@unmap counts what was not mapped, too, or takes what is beyond
 *		it. Then nothing is unmapped that @iova_to_phys does not find
 *		before: a look-up for each unmap, and each 2 MiB of it.
 * @iova_to_phys: where there is no domain->pgtable: PHYS_ADDR_MAX where
 *		nothing is mapped. Any context.
 * @flush:	forget what @gather says, wait until that is so, free
 *		gather->pages; the gather is empty after it. Any context.
 * @flush_all:	the same for all of the domain; @gather is what there is to
 *		free. Any context.
 * @node:	the registry's
 *
 * A provider with page tables of ours has struct odma_tlb_ops for them besides:
 * they are flushed when tables change their shape.
 */
struct odma_iommu {
	const char *name;
	struct module *owner;
	int (*probe)(struct device *dev);
	int (*can_attach)(struct device *dev);
	void *(*group)(struct device *dev);
	int (*create)(struct odma_iommu_domain *domain, struct device *dev);
	void (*destroy)(struct odma_iommu_domain *domain);
	int (*attach)(struct odma_iommu_domain *domain, struct device *dev);
	void (*detach)(struct odma_iommu_domain *domain, struct device *dev);
	bool (*in_force)(struct odma_iommu_domain *domain, struct device *dev);
	int (*get_reserved)(struct device *dev, struct list_head *list);
	int (*map)(struct odma_iommu_domain *domain, u64 iova,
		   phys_addr_t phys, size_t size, unsigned int prot,
		   gfp_t gfp);
	size_t (*unmap)(struct odma_iommu_domain *domain, u64 iova,
			size_t size, struct odma_iommu_gather *gather);
	bool miscounts;
	phys_addr_t (*iova_to_phys)(struct odma_iommu_domain *domain,
				    u64 iova);
	void (*flush)(struct odma_iommu_domain *domain,
		      struct odma_iommu_gather *gather);
	void (*flush_all)(struct odma_iommu_domain *domain,
			  struct odma_iommu_gather *gather);
	struct list_head node;
};

/**
 * struct odma_iommu_domain - one translation, of a device or of a group
 * @iommu:	who keeps it
 * @geometry:	what it can translate
 * @pgtable:	its tables, or NULL where @iommu maps by functions of its own
 * @priv:	the provider's
 *
 * The backend's own part follows in its struct; a provider never allocates one.
 */
struct odma_iommu_domain {
	const struct odma_iommu *iommu;
	struct odma_iommu_geometry geometry;
	struct odma_pgtable *pgtable;
	void *priv;
};

/* What a device did that no mapping allows. */
#define ODMA_FAULT_WRITE	BIT(0)	/* else it was a read */
#define ODMA_FAULT_PERMISSION	BIT(1)	/* mapped, but not for that */

int __odma_register_iommu(struct odma_iommu *iommu, struct module *owner);

/**
 * odma_register_iommu() - offer an IOMMU to the devices behind it
 * @iommu: filled in by the caller, who keeps it until it is unregistered
 *
 * From then on it belongs to the module that this is compiled into, which can't
 * be unloaded under a device.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EINVAL where the name is none, or a function is missing that
 * struct odma_iommu asks for; -EEXIST where the name is taken. Each error is
 * also one line in the log.
 */
#define odma_register_iommu(iommu) __odma_register_iommu(iommu, THIS_MODULE)

void odma_unregister_iommu(struct odma_iommu *iommu);

void odma_iommu_fault(struct odma_iommu_domain *domain, struct device *dev,
		      u64 iova, unsigned int flags);

#endif /* _ODMA_IOMMU_H */
