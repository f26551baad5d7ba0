/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the benchmark share among themselves.
 *
 * The clock is the CPU's counter. In a guest that counts instructions it tells
 * how many have run, whatever else the host does; see Documentation/bench.md.
 */
#ifndef _ODMA_BENCH_H
#define _ODMA_BENCH_H

#include <linux/irqflags.h>
#include <linux/sizes.h>
#include <linux/timex.h>
#include <linux/types.h>

struct device;
struct page;
struct scatterlist;

#define BENCH_ROUNDS	9	/* at most */

/*
 * struct bench_series - one thing, measured again and again
 *
 * @group, @impl, @what and @op together name it. @ops of them took @ticks, in
 * each of the rounds.
 */
struct bench_series {
	const char *group;
	const char *impl;
	const char *what;
	const char *op;
	unsigned int ops;
	u64 ticks[BENCH_ROUNDS];
};

struct bench_clock {
	u64 begin;
	unsigned long flags;
};

/* No interrupt is counted as if it were part of what is measured. */
static __always_inline void bench_begin(struct bench_clock *clock)
{
	local_irq_save(clock->flags);
	clock->begin = get_cycles();
}

static __always_inline u64 bench_end(struct bench_clock *clock)
{
	u64 ticks = get_cycles() - clock->begin;

	local_irq_restore(clock->flags);
	return ticks;
}

/* main.c */
extern unsigned int bench_rounds;
void bench_fail(const char *impl, const char *what, long error);
void bench_report(const struct bench_series *series);

/*
 * struct bench_span - addresses that a batch of calls works on
 *
 * @batch calls, each for @count pages of @page bytes, @stride bytes apart.
 */
struct bench_span {
	u64 iova;
	phys_addr_t phys;
	size_t page;
	size_t count;
	size_t stride;
	unsigned int batch;
};

/*
 * struct bench_tables - an implementation of page tables
 *
 * What returns u64 returns the ticks of the whole batch. @unmap_list undoes
 * @map_list, and any mapping, in one call; @unmap_each page by page.
 * @iova_to_phys is 0 where nothing is mapped.
 */
struct bench_tables {
	const char *name;
	int (*create)(struct device *dev);
	void (*destroy)(void);
	u64 (*map)(const struct bench_span *span);
	u64 (*unmap)(const struct bench_span *span);
	u64 (*pair)(const struct bench_span *span);
	u64 (*lookup)(const struct bench_span *span);
	u64 (*map_list)(struct scatterlist *sgl, int nents);
	u64 (*unmap_list)(u64 iova, size_t size);
	u64 (*unmap_each)(u64 iova, size_t size);
	phys_addr_t (*iova_to_phys)(u64 iova);
};

/* pgtable.c, pgtable-kernel.c, pgtable-odma.c */
extern const struct bench_tables bench_kernel_tables;
extern const struct bench_tables bench_odma_tables;
void bench_tables(const struct bench_tables *tables, struct device *dev);
void bench_scatter(struct scatterlist *sgl, struct page *pages,
		   unsigned int n);

/*
 * struct bench_subject - a way that a device's DMA is served
 *
 * @word selects it in run=, @group and @impl are its names in the results.
 * @rule is odma's for the device, if odma serves it. @live: are there enough
 * addresses for 100,000 mappings? @pci: a device on PCI, not on the platform
 * bus. @null: the kernel has an IOMMU for it that isn't there. @domain: the
 * type of the kernel's IOMMU domain that translates it. @in_place: does the
 * device see memory where the CPU does?
 */
struct bench_subject {
	const char *word;
	const char *group;
	const char *impl;
	const char *rule;
	bool live;
	bool pci;
	bool null;
	bool in_place;
	unsigned int domain;
};

/* dma.c, devices.c */
void bench_dma(const struct bench_subject *name, struct device *dev);
void bench_devices(bool (*wanted)(const char *word));

/* null-provider.c, null-iommu.c */
int bench_add_provider(void);
void bench_remove_provider(void);
int bench_add_iommu(void);
void bench_remove_iommu(void);

#endif /* _ODMA_BENCH_H */
