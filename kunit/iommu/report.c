// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: what people can read of a device.
 */
#include <linux/fs.h>
#include <linux/scatterlist.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/uio.h>
#include "fixture.h"
#include "../suites.h"

/* Rules that the report repeats, in its own words. */
struct odma_reported {
	const char *rule;
	const char *says;
};

/* debugfs has no kernel_read(); beneath it is a seq_file. */
static ssize_t odma_read_seq(const char *path, char *text, size_t size)
{
	struct kvec vec = { .iov_base = text, .iov_len = size };
	struct file *file = filp_open(path, O_RDONLY, 0);
	struct iov_iter iter;
	struct kiocb iocb;
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	init_sync_kiocb(&iocb, file);
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, size);
	len = seq_read_iter(&iocb, &iter);
	filp_close(file, NULL);
	return len;
}

static char *odma_report(struct kunit *test)
{
	char *text = kunit_kzalloc(test, SZ_16K, GFP_KERNEL), path[80];

	KUNIT_ASSERT_NOT_NULL(test, text);
	snprintf(path, sizeof(path), "/sys/kernel/debug/odma/pgtable/%s",
		 dev_name(odma_iommu_dev(test)));
	KUNIT_ASSERT_GT(test, odma_read_seq(path, text, SZ_16K - 1), 0);
	return text;
}

/* The line of the table that begins with an address, its blanks made one. */
static void odma_expect_line(struct kunit *test, const char *text, u64 iova,
			     const char *rest)
{
	char want[160], line[160];
	const char *from;
	size_t n = 0;

	snprintf(want, sizeof(want), "%#018llx %s", iova, rest);
	snprintf(line, sizeof(line), "%#018llx", iova);
	from = strstr(text, line);
	KUNIT_ASSERT_NOT_NULL_MSG(test, from, "no line for %#llx in\n%s", iova,
				  text);
	for (; *from && *from != '\n' && n < sizeof(line) - 1; from++)
		if (*from != ' ' || from[1] != ' ')
			line[n++] = *from;
	while (n && line[n - 1] == ' ')
		n--;
	line[n] = '\0';
	KUNIT_EXPECT_STREQ(test, want, line);
}

/* What goes on, in both spaces and with the same rights, is one line. */
static void odma_report_ranges(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 4);
	dma_addr_t one, two, three;
	char rest[100];
	char *text;

	odma_iommu_begin(test, "iommu", NULL);
	one = odma_map_single(dev, buf, SZ_64K, DMA_TO_DEVICE);
	/* Stage 1 has no entry that can be written and not read. */
	two = odma_map_single(dev, buf + 3, 5, DMA_FROM_DEVICE);
	three = odma_map_resource(dev, 0xc0000000, SZ_2M + SZ_4K,
				  DMA_BIDIRECTIONAL, 0);
	text = odma_report(test);
	snprintf(rest, sizeof(rest), "%#018llx 0x10000 0x1000 r-x- cached contiguous",
		 (u64)virt_to_phys(buf));
	odma_expect_line(test, text, one, rest);
	snprintf(rest, sizeof(rest), "%#018llx 0x1000 0x1000 rwx- cached",
		 (u64)virt_to_phys(buf));
	odma_expect_line(test, text, two - 3, rest);
	odma_expect_line(test, text, three,
			 "0x00000000c0000000 0x201000 0x200000 rwx- device");
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "# 2170880 bytes mapped, by"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text,
			      "by soft: 0x0 to 0xffffffffffff"));
	odma_unmap_single(dev, one, SZ_64K, DMA_TO_DEVICE);
	odma_unmap_single(dev, two, 5, DMA_FROM_DEVICE);
	odma_unmap_resource(dev, three, SZ_2M + SZ_4K, DMA_BIDIRECTIONAL, 0);
	text = odma_report(test);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "# 0 bytes mapped, by"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text,
			      "# invalidations: 3 of ranges, 0 of the domain"));
}

/* Addresses in a row are not one line where the memory is not. */
static void odma_report_gap(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 2);
	struct scatterlist sgl[2];
	struct sg_table sgt = { .sgl = sgl, .nents = 2, .orig_nents = 2 };
	char rest[100];
	char *text;

	odma_iommu_begin(test, "iommu", NULL);
	sg_init_table(sgl, 2);
	sg_set_buf(&sgl[0], buf, SZ_4K);
	sg_set_buf(&sgl[1], buf + SZ_8K, SZ_4K);
	KUNIT_ASSERT_EQ(test, 0, odma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0));
	KUNIT_ASSERT_EQ(test, 1, sgt.nents);
	text = odma_report(test);
	snprintf(rest, sizeof(rest), "%#018llx 0x1000 0x1000 r-x- cached",
		 (u64)virt_to_phys(buf));
	odma_expect_line(test, text, sg_dma_address(sgl), rest);
	snprintf(rest, sizeof(rest), "%#018llx 0x1000 0x1000 r-x- cached",
		 (u64)virt_to_phys(buf) + SZ_8K);
	odma_expect_line(test, text, sg_dma_address(sgl) + SZ_4K, rest);
	odma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
}

static const struct odma_reported odma_reported[] = {
	{ "iommu", "# strict, faults: 0\n" },
	{ "iommu untrusted coherent=no",
	  "# strict untrusted not coherent, faults: 0\n" },
	{ "iommu lazy", " for 0 unmaps, and 0 wait\n" },
	{ "iommu shadow shadow_kib=256 shadow_max=1000",
	  "for up to 1000 bytes, 0 KiB used, full 0 times\n" },
};

static const void *odma_next_reported(const void *prev, char *desc)
{
	const struct odma_reported *r = prev;

	r = r ? r + 1 : odma_reported;
	if (r == &odma_reported[ARRAY_SIZE(odma_reported)])
		return NULL;
	strscpy(desc, r->rule, KUNIT_PARAM_DESC_SIZE);
	return r;
}

static void odma_report_words(struct kunit *test)
{
	const struct odma_reported *r = test->param_value;

	odma_iommu_begin(test, r->rule, NULL);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(odma_report(test), r->says),
				  "%s", odma_report(test));
}

/* Faults are counted, and who has tables of its own lists nothing. */
static void odma_report_own(struct kunit *test)
{
	struct odma_soft_cfg cfg = { .granule_shift = 12, .ias = 39,
				     .own = true };
	u8 byte;

	odma_iommu_begin(test, "iommu", &cfg);
	odma_soft_read(odma_soft, 0x5000, &byte, 1);
	odma_soft_read(odma_soft, 0x6000, &byte, 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(odma_report(test), "faults: 2\n"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(odma_report(test),
					   "which can't be listed"));
}

static struct kunit_case odma_iommu_report_cases[] = {
	KUNIT_CASE(odma_report_ranges),
	KUNIT_CASE(odma_report_gap),
	KUNIT_CASE_PARAM(odma_report_words, odma_next_reported),
	KUNIT_CASE(odma_report_own),
	{}
};

struct kunit_suite odma_iommu_report_suite = {
	.name = "odma-iommu-report",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_no_mode_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_report_cases,
};
