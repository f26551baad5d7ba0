// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for CPU and device in a process: it sees what is there, writes what
 * the kernel sees, and reaches nothing else.
 *
 * KUnit lends its thread an address space from 6.11 on; before that the cases
 * are skipped.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/uaccess.h>
#include "../shared/fixture.h"
#include "../suites.h"

#ifdef ODMA_HAVE_KUNIT_VM_MMAP

#define ODMA_MMAP_CASE(name)	KUNIT_CASE_PARAM(name, odma_all_modes)

#define ODMA_PAGES	3
#define ODMA_BYTES	(ODMA_PAGES * PAGE_SIZE)

struct odma_shared {
	struct device *dev;
	void *cpu;
	dma_addr_t handle;
};

static int odma_shared_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct odma_shared *shared = file->private_data;

	return odma_mmap_coherent(shared->dev, vma, shared->cpu,
				  shared->handle, ODMA_BYTES);
}

static const struct file_operations odma_shared_fops = {
	.owner = THIS_MODULE,
	.mmap = odma_shared_mmap,
};

static struct file *odma_share(struct kunit *test, struct odma_shared *shared)
{
	struct odma_fixture *fx = test->priv;
	struct file *file;

	shared->dev = fx->dev;
	shared->cpu = odma_alloc_coherent(fx->dev, ODMA_BYTES,
					  &shared->handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, shared->cpu);
	file = anon_inode_getfile("odma-kunit", &odma_shared_fops, shared,
				  O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	return file;
}

static void odma_unshare(struct odma_shared *shared, struct file *file)
{
	fput(file);
	odma_free_coherent(shared->dev, ODMA_BYTES, shared->cpu,
			   shared->handle);
}

static unsigned long odma_map_user(struct kunit *test, struct file *file,
				   unsigned long pages, unsigned long pgoff)
{
	return kunit_vm_mmap(test, file, 0, pages * PAGE_SIZE,
			     PROT_READ | PROT_WRITE, MAP_SHARED,
			     pgoff * PAGE_SIZE);
}

/* Each page its own number, in its last byte. */
static void odma_number_pages(u8 *cpu)
{
	int i;

	for (i = 0; i < ODMA_PAGES; i++)
		cpu[(i + 1) * PAGE_SIZE - 1] = 0x40 + i;
}

static void odma_expect_page(struct kunit *test, struct odma_shared *shared,
			     unsigned long user, int page)
{
	u8 byte = 0;

	KUNIT_EXPECT_EQ(test, 0,
			copy_from_user(&byte, (u8 __user *)user + PAGE_SIZE - 1,
				       1));
	KUNIT_EXPECT_EQ(test, byte, 0x40 + page);
	byte = 0x80 + page;
	KUNIT_EXPECT_EQ(test, 0, copy_to_user((u8 __user *)user, &byte, 1));
	KUNIT_EXPECT_EQ(test, byte,
			((u8 *)shared->cpu)[page * PAGE_SIZE]);
}

/* From every page on, to the end. */
static void odma_mmap_sees_memory(struct kunit *test)
{
	struct odma_shared shared;
	struct file *file = odma_share(test, &shared);
	int first, i;

	for (first = 0; first < ODMA_PAGES; first++) {
		unsigned long user = odma_map_user(test, file,
						   ODMA_PAGES - first, first);

		KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(user));
		odma_number_pages(shared.cpu);
		for (i = first; i < ODMA_PAGES; i++)
			odma_expect_page(test, &shared,
					 user + (i - first) * PAGE_SIZE, i);
		vm_munmap(user, (ODMA_PAGES - first) * PAGE_SIZE);
	}
	odma_unshare(&shared, file);
}

static void odma_mmap_not_beyond(struct kunit *test)
{
	struct odma_shared shared;
	struct file *file = odma_share(test, &shared);
	int first;

	for (first = 0; first <= ODMA_PAGES; first++)
		KUNIT_EXPECT_EQ(test, -ENXIO,
				(int)odma_map_user(test, file,
						   ODMA_PAGES - first + 1,
						   first));
	odma_unshare(&shared, file);
}

#else

/* Without parameters: there, a skipped one is reported as if it had passed. */
#define ODMA_MMAP_CASE(name)	KUNIT_CASE(name)

static void odma_mmap_sees_memory(struct kunit *test)
{
	kunit_skip(test, "this KUnit has no user address space");
}

static void odma_mmap_not_beyond(struct kunit *test)
{
	kunit_skip(test, "this KUnit has no user address space");
}

#endif

static struct kunit_case odma_mmap_cases[] = {
	ODMA_MMAP_CASE(odma_mmap_sees_memory),
	ODMA_MMAP_CASE(odma_mmap_not_beyond),
	{}
};

struct kunit_suite odma_mmap_suite = {
	.name = "odma-mmap",
	.suite_init = odma_begin_suite,
	.init = odma_bound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_mmap_cases,
};
