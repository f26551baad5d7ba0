// SPDX-License-Identifier: GPL-2.0
/*
 * What is done with a buffer of a pool: freed, wrongly freed, shown to a
 * process, described; and what the counters say of it.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/uaccess.h>
#include "fixture.h"
#include "../suites.h"

static int odma_used(struct odma_fixture *fx)
{
	return odma_own_pool(fx, 0)->map.used;
}

/* The length on record counts, in the pool as in the counters. */
static void odma_free_wrong_size(struct kunit *test)
{
	static const size_t sizes[] = { 1, SZ_8K, SZ_16K, SZ_64K, SZ_1G };
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf, next;
	int i;

	odma_bind_with(fx, "pool=0x44000000+64K");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf,
							3 * PAGE_SIZE));
		KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &next, SZ_16K));
		memset(next.cpu, 0x77, SZ_16K);
		odma_mark_log();
		odma_free_coherent(fx->dev, sizes[i], buf.cpu, buf.handle);
		KUNIT_EXPECT_EQ(test, 1,
				odma_log_lines("has 0x3000, which are freed"));
		KUNIT_EXPECT_EQ(test, odma_used(fx), 4);
		KUNIT_EXPECT_EQ(test, SZ_16K,
				odma_read_file(fx, "live_alloc_bytes"));
		KUNIT_EXPECT_NULL(test, memchr_inv(next.cpu, 0x77, SZ_16K));
		odma_put_buffer(fx, &next);
	}
	/* Another number of bytes in the same pages is not wrong. */
	odma_mark_log();
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, 100));
	odma_free_coherent(fx->dev, PAGE_SIZE, buf.cpu, buf.handle);
	KUNIT_EXPECT_EQ(test, 0, odma_log_lines("which are freed"));
	KUNIT_EXPECT_EQ(test, odma_used(fx), 0);
}

static void odma_free_refused(struct kunit *test, void *cpu, size_t size)
{
	struct odma_fixture *fx = test->priv;
	int used = odma_used(fx);
	s64 frees = odma_read_file(fx, "frees");

	odma_mark_log();
	odma_free_coherent(fx->dev, size, cpu, 0x44000000);
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines("no allocation begins there"));
	KUNIT_EXPECT_EQ(test, odma_used(fx), used);
	KUNIT_EXPECT_EQ(test, odma_read_file(fx, "frees"), frees);
}

/* Twice; in the middle; where nothing is; and the pool is as it was. */
static void odma_free_nothing(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer first, buf, last;

	odma_bind_with(fx, "pool=0x44000000+64K");
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &first, PAGE_SIZE));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_16K));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &last, PAGE_SIZE));
	odma_free_refused(test, buf.cpu + PAGE_SIZE, SZ_16K);
	odma_free_refused(test, buf.cpu + 3 * PAGE_SIZE, PAGE_SIZE);
	odma_free_refused(test, buf.cpu + 8, SZ_16K);
	odma_free_refused(test, buf.cpu + SZ_16K, SZ_16K);
	odma_put_buffer(fx, &buf);
	KUNIT_EXPECT_EQ(test, odma_used(fx), 2);
	odma_free_refused(test, buf.cpu, SZ_16K);
	odma_put_buffer(fx, &first);
	odma_put_buffer(fx, &last);
	odma_free_refused(test, last.cpu, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "live_allocs"));
	/* All of it is there again. */
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_64K));
	KUNIT_EXPECT_EQ(test, buf.handle, 0x44000000);
	odma_put_buffer(fx, &buf);
}

static void odma_free_files(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf[4];
	int i;

	odma_bind_with(fx, "pool=0x44000000+64K pool=0x44020000+32K");
	KUNIT_EXPECT_EQ(test, 98304, odma_read_file(fx, "pool_bytes"));
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "pool_used"));
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "pool_high_water"));
	KUNIT_EXPECT_EQ(test, 65536, odma_read_file(fx, "pool_largest_free"));
	KUNIT_EXPECT_EQ(test, 34, odma_read_file(fx, "pool_fragmentation"));
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf[i], SZ_16K));
	KUNIT_EXPECT_EQ(test, 65536, odma_read_file(fx, "pool_used"));
	KUNIT_EXPECT_EQ(test, 32768, odma_read_file(fx, "pool_largest_free"));
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "pool_fragmentation"));
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "pool_failures"));
	odma_put_buffer(fx, &buf[1]);
	odma_put_buffer(fx, &buf[2]);
	odma_put_buffer(fx, &buf[3]);
	KUNIT_EXPECT_EQ(test, 16384, odma_read_file(fx, "pool_used"));
	KUNIT_EXPECT_EQ(test, 49152, odma_read_file(fx, "pool_largest_free"));
	KUNIT_EXPECT_EQ(test, 65536, odma_read_file(fx, "pool_high_water"));
	KUNIT_EXPECT_EQ(test, 40, odma_read_file(fx, "pool_fragmentation"));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf[1], SZ_1M));
	KUNIT_EXPECT_EQ(test, 2, odma_read_file(fx, "pool_failures"));
	odma_put_buffer(fx, &buf[1]);
	odma_put_buffer(fx, &buf[0]);
}

static void odma_free_no_pool_files(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_bind_with(fx, "");
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "pool_bytes"));
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "pool_largest_free"));
	KUNIT_EXPECT_EQ(test, 0, odma_read_file(fx, "pool_fragmentation"));
}

/* The functions that know nothing but pools. */
static void odma_free_dev_coherent(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct vm_area_struct *vma;
	struct odma_buffer buf;
	dma_addr_t handle;
	void *cpu;

	vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vma);
	/* Not attached: nothing of theirs. */
	KUNIT_EXPECT_NULL(test, odma_alloc_from_dev_coherent(fx->dev, 64,
							     &handle));
	KUNIT_EXPECT_FALSE(test, odma_release_from_dev_coherent(fx->dev, 64,
								vma));
	KUNIT_EXPECT_EQ(test, 1, odma_mmap_from_dev_coherent(fx->dev, vma, vma,
							     64));
	odma_bind_with(fx, "pool=0x44000000+64K");
	KUNIT_EXPECT_NULL(test, odma_alloc_from_dev_coherent(fx->dev, 0,
							     &handle));
	cpu = odma_alloc_from_dev_coherent(fx->dev, SZ_64K, &handle);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, handle, 0x44000000);
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).allocs);
	/* No further than the pool. */
	KUNIT_EXPECT_NULL(test, odma_alloc_from_dev_coherent(fx->dev, 64,
							     &handle));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, 64));
	KUNIT_EXPECT_FALSE(test, odma_release_from_dev_coherent(fx->dev, 64,
								buf.cpu));
	KUNIT_EXPECT_EQ(test, 1, odma_mmap_from_dev_coherent(fx->dev, vma,
							     buf.cpu, 64));
	KUNIT_EXPECT_FALSE(test, odma_release_from_dev_coherent(fx->dev, 64,
								cpu - 1));
	KUNIT_EXPECT_FALSE(test, odma_release_from_dev_coherent(fx->dev, 64,
								cpu + SZ_64K));
	odma_put_buffer(fx, &buf);
	KUNIT_EXPECT_EQ(test, odma_used(fx), 16);
	KUNIT_EXPECT_TRUE(test, odma_release_from_dev_coherent(fx->dev, SZ_64K,
							       cpu));
	KUNIT_EXPECT_EQ(test, odma_used(fx), 0);
}

/* Memory without struct page can't be described; that with one, wholly. */
static void odma_free_sgtable(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const size_t size = 5 * PAGE_SIZE - 100;
	struct odma_buffer first, buf;
	struct sg_table sgt;
	int ret;

	odma_bind_with(fx, "pool=0x44000000+64K@0x1000000");
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &first, PAGE_SIZE));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, size));
	KUNIT_EXPECT_EQ(test, buf.handle, 0x1008000);
	ret = odma_get_sgtable(fx->dev, &sgt, buf.cpu, buf.handle, size);
	KUNIT_EXPECT_EQ(test, ret, pfn_valid(0x44008) ? 0 : -ENXIO);
	if (!ret) {
		KUNIT_EXPECT_EQ(test, sgt.orig_nents, 1);
		KUNIT_EXPECT_EQ(test, sg_phys(sgt.sgl), 0x44008000);
		KUNIT_EXPECT_EQ(test, sgt.sgl->length, 5 * PAGE_SIZE);
		sg_free_table(&sgt);
	}
	/* A part of it. */
	ret = odma_get_sgtable(fx->dev, &sgt, buf.cpu + 3 * PAGE_SIZE,
			       buf.handle + 3 * PAGE_SIZE, PAGE_SIZE + 1);
	KUNIT_EXPECT_EQ(test, ret, pfn_valid(0x44008) ? 0 : -ENXIO);
	if (!ret) {
		KUNIT_EXPECT_EQ(test, sg_phys(sgt.sgl), 0x4400b000);
		KUNIT_EXPECT_EQ(test, sgt.sgl->length, 2 * PAGE_SIZE);
		sg_free_table(&sgt);
	}
	/* More than was allocated, from the middle, too; when it is gone. */
	KUNIT_EXPECT_EQ(test, -ENXIO,
			odma_get_sgtable(fx->dev, &sgt, buf.cpu, buf.handle,
					 5 * PAGE_SIZE + 1));
	KUNIT_EXPECT_EQ(test, -ENXIO,
			odma_get_sgtable(fx->dev, &sgt, buf.cpu + PAGE_SIZE,
					 buf.handle + PAGE_SIZE,
					 4 * PAGE_SIZE + 1));
	KUNIT_EXPECT_EQ(test, -ENXIO,
			odma_get_sgtable(fx->dev, &sgt, buf.cpu + 5 * PAGE_SIZE,
					 buf.handle + 5 * PAGE_SIZE,
					 PAGE_SIZE));
	odma_put_buffer(fx, &buf);
	KUNIT_EXPECT_EQ(test, -ENXIO,
			odma_get_sgtable(fx->dev, &sgt, buf.cpu, buf.handle,
					 size));
	odma_put_buffer(fx, &first);
}

/* Ordinary pages, on which a driver may call page functions. */
static void odma_free_alloc_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	struct page *page;

	odma_bind_with(fx, "pool=0x44000000+1M pool=only");
	page = dma_alloc_pages(fx->dev, SZ_16K, &handle, DMA_BIDIRECTIONAL,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, handle, page_to_phys(page));
	KUNIT_EXPECT_EQ(test, odma_used(fx), 0);
	dma_free_pages(fx->dev, SZ_16K, page, handle, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, odma_used(fx), 0);
}

#define ODMA_PAGES	3
#define ODMA_BYTES	(ODMA_PAGES * PAGE_SIZE)

/* Three pages between two of somebody else's. */
struct odma_window {
	struct device *dev;
	struct odma_buffer before;
	struct odma_buffer buf;
	struct odma_buffer after;
	size_t from;
};

static struct odma_window *odma_open(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_window *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	odma_bind_with(fx, "pool=0x44000000+64K@0x9000000");
	w->dev = fx->dev;
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &w->before, SZ_16K));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &w->buf, ODMA_BYTES));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &w->after, SZ_16K));
	KUNIT_ASSERT_EQ(test, w->buf.handle, 0x9004000);
	return w;
}

static void odma_close(struct odma_fixture *fx, struct odma_window *w)
{
	odma_put_buffer(fx, &w->after);
	odma_put_buffer(fx, &w->buf);
	odma_put_buffer(fx, &w->before);
}

/* What a process may not see. */
static void odma_free_mmap_beyond(struct kunit *test)
{
	static const struct {
		unsigned long pgoff;
		unsigned long pages;
	} bad[] = {
		{ 0, 4 }, { 1, 3 }, { 2, 2 }, { 3, 1 }, { 4, 1 },
		{ ULONG_MAX, 1 }, { ULONG_MAX, 2 }, { 1UL << 52, 1 },
	};
	struct odma_fixture *fx = test->priv;
	struct odma_window *w = odma_open(test);
	struct vm_area_struct *vma;
	int i;

	vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vma);
	vma->vm_start = 0x10000000;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		vma->vm_end = vma->vm_start + bad[i].pages * PAGE_SIZE;
		vma->vm_pgoff = bad[i].pgoff;
		KUNIT_EXPECT_EQ_MSG(test, -ENXIO,
				    odma_mmap_coherent(fx->dev, vma, w->buf.cpu,
						       w->buf.handle,
						       ODMA_BYTES), "%d", i);
		/* Whatever size the caller believes it has. */
		KUNIT_EXPECT_EQ_MSG(test, -ENXIO,
				    odma_mmap_from_dev_coherent(fx->dev, vma,
								w->buf.cpu,
								SZ_64K), "%d",
				    i);
	}
	/* From the middle on there is less, and behind the end nothing. */
	vma->vm_end = vma->vm_start + ODMA_BYTES;
	vma->vm_pgoff = 0;
	KUNIT_EXPECT_EQ(test, -ENXIO,
			odma_mmap_from_dev_coherent(fx->dev, vma,
						    w->buf.cpu + PAGE_SIZE,
						    ODMA_BYTES));
	vma->vm_end = vma->vm_start + PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, -ENXIO,
			odma_mmap_from_dev_coherent(fx->dev, vma,
						    w->buf.cpu + ODMA_BYTES,
						    PAGE_SIZE));
	odma_close(fx, w);
	KUNIT_EXPECT_EQ(test, -ENXIO,
			odma_mmap_from_dev_coherent(fx->dev, vma, w->buf.cpu,
						    PAGE_SIZE));
}

#ifdef ODMA_HAVE_KUNIT_VM_MMAP

static int odma_window_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct odma_window *w = file->private_data;

	return odma_mmap_coherent(w->dev, vma, w->buf.cpu + w->from,
				  w->buf.handle + w->from,
				  ODMA_BYTES - w->from);
}

static const struct file_operations odma_window_fops = {
	.owner = THIS_MODULE,
	.mmap = odma_window_mmap,
};

static void odma_check_page(struct kunit *test, struct odma_window *w,
			    unsigned long user, int page)
{
	u8 *cpu = w->buf.cpu + page * PAGE_SIZE;
	u8 __user *seen = (u8 __user *)user;
	u8 byte = 0;

	cpu[PAGE_SIZE - 1] = 0x40 + page;
	wmb(); /* write-combining buffers */
	KUNIT_EXPECT_EQ(test, 0, copy_from_user(&byte, seen + PAGE_SIZE - 1,
						1));
	KUNIT_EXPECT_EQ(test, byte, 0x40 + page);
	byte = 0x80 + page;
	KUNIT_EXPECT_EQ(test, 0, copy_to_user(seen, &byte, 1));
	wmb(); /* as above */
	KUNIT_EXPECT_EQ(test, byte, *cpu);
}

/* From every page on, to the end, and not a page further. */
static void odma_free_mmap(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_window *w = odma_open(test);
	struct file *file;
	unsigned long user;
	int first, i;

	file = anon_inode_getfile("odma-kunit", &odma_window_fops, w, O_RDWR);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	for (first = 0; first < ODMA_PAGES; first++) {
		size_t len = (ODMA_PAGES - first) * PAGE_SIZE;

		user = kunit_vm_mmap(test, file, 0, len, PROT_READ | PROT_WRITE,
				     MAP_SHARED, first * PAGE_SIZE);
		KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(user));
		for (i = first; i < ODMA_PAGES; i++)
			odma_check_page(test, w, user + (i - first) * PAGE_SIZE,
					i);
		vm_munmap(user, len);
		user = kunit_vm_mmap(test, file, 0, len + PAGE_SIZE, PROT_READ,
				     MAP_SHARED, first * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, -ENXIO, (int)user);
	}
	/* A driver may show a part of what it has as if that were all. */
	w->from = PAGE_SIZE;
	user = kunit_vm_mmap(test, file, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED, PAGE_SIZE);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(user));
	odma_check_page(test, w, user, 2);
	vm_munmap(user, PAGE_SIZE);
	user = kunit_vm_mmap(test, file, 0, 2 * PAGE_SIZE, PROT_READ,
			     MAP_SHARED, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -ENXIO, (int)user);
	fput(file);
	odma_close(fx, w);
}

#else

static void odma_free_mmap(struct kunit *test)
{
	kunit_skip(test, "this KUnit has no user address space");
}

#endif

static struct kunit_case odma_pool_free_cases[] = {
	KUNIT_CASE(odma_free_wrong_size),
	KUNIT_CASE(odma_free_nothing),
	KUNIT_CASE(odma_free_files),
	KUNIT_CASE(odma_free_no_pool_files),
	KUNIT_CASE(odma_free_dev_coherent),
	KUNIT_CASE(odma_free_sgtable),
	KUNIT_CASE(odma_free_alloc_pages),
	KUNIT_CASE(odma_free_mmap_beyond),
	KUNIT_CASE(odma_free_mmap),
	{}
};

struct kunit_suite odma_pool_free_suite = {
	.name = "odma-pool-free",
	.suite_init = odma_begin_suite,
	.init = odma_pool_init,
	.exit = odma_pool_exit,
	.test_cases = odma_pool_free_cases,
};
