// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: memory of both kinds, contiguous and scattered, in a
 * process.
 *
 * KUnit lends its thread an address space from 6.11 on; before that the case is
 * skipped.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include "fixture.h"
#include "../suites.h"

#ifdef ODMA_HAVE_KUNIT_VM_MMAP

#define ODMA_MMAP_CASE(name)	KUNIT_CASE_PARAM(name, odma_iommu_plain_modes)

struct odma_seen {
	struct device *dev;
	u8 *cpu;
	dma_addr_t addr;
	size_t size;
};

static int odma_seen_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct odma_seen *s = file->private_data;

	return odma_mmap_coherent(s->dev, vma, s->cpu, s->addr, s->size);
}

static const struct file_operations odma_seen_fops = {
	.owner = THIS_MODULE,
	.mmap = odma_seen_mmap,
};

/* Page by page: what the device wrote is what the process reads. */
static void odma_mmap_look(struct kunit *test, struct odma_seen *s,
			   struct file *file, unsigned long flags,
			   unsigned long first)
{
	unsigned long pages = PFN_UP(s->size) - first, user, i;
	u8 byte, seen;

	user = kunit_vm_mmap(test, file, 0, pages * PAGE_SIZE,
			     PROT_READ | PROT_WRITE, flags, first * PAGE_SIZE);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(user));
	for (i = 0; i < pages; i++) {
		byte = 0x31 + i + first;
		KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, s->addr +
				(first + i) * PAGE_SIZE + 5, &byte, 1));
		KUNIT_EXPECT_EQ(test, 0, copy_from_user(&seen,
				(u8 __user *)user + i * PAGE_SIZE + 5, 1));
		KUNIT_EXPECT_EQ(test, byte, seen);
	}
	vm_munmap(user, pages * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -ENXIO,
			(int)kunit_vm_mmap(test, file, 0,
					   (pages + 1) * PAGE_SIZE,
					   PROT_READ | PROT_WRITE, MAP_SHARED,
					   first * PAGE_SIZE));
}

static void odma_mmap_of(struct kunit *test, size_t size)
{
	struct odma_seen s = { .dev = odma_iommu_dev(test), .size = size };
	struct file *file;

	s.cpu = odma_alloc_coherent(s.dev, size, &s.addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s.cpu);
	file = anon_inode_getfile("odma-kunit", &odma_seen_fops, &s, O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	odma_mmap_look(test, &s, file, MAP_SHARED, 0);
	odma_mmap_look(test, &s, file, MAP_SHARED, 1);
	odma_mmap_look(test, &s, file, MAP_PRIVATE, 0);
	fput(file);
	odma_free_coherent(s.dev, size, s.cpu, s.addr);
}

static void odma_iommu_mmap_contiguous(struct kunit *test)
{
	odma_mmap_of(test, SZ_16K);
}

static void odma_iommu_mmap_scattered(struct kunit *test)
{
	odma_mmap_of(test, SZ_64K + PAGE_SIZE);
}

#else

/* Without parameters: there, a skipped one is reported as if it had passed. */
#define ODMA_MMAP_CASE(name)	KUNIT_CASE(name)

static void odma_iommu_mmap_contiguous(struct kunit *test)
{
	kunit_skip(test, "this KUnit has no user address space");
}

static void odma_iommu_mmap_scattered(struct kunit *test)
{
	kunit_skip(test, "this KUnit has no user address space");
}

#endif

static struct kunit_case odma_iommu_mmap_cases[] = {
	ODMA_MMAP_CASE(odma_iommu_mmap_contiguous),
	ODMA_MMAP_CASE(odma_iommu_mmap_scattered),
	{}
};

struct kunit_suite odma_iommu_mmap_suite = {
	.name = "odma-iommu-mmap",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_mmap_cases,
};
