// SPDX-License-Identifier: GPL-2.0
/*
 * What the machine says of a PCI device: one of the guest's, which no driver
 * wants, with the software IOMMU in front of it.
 */
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include "../../iommu/dma/iommu.h"
#include "../shared/log.h"
#include "../swiotlb/fixture.h"
#include "fixture.h"
#include "../suites.h"

/*
 * struct odma_pci_test - the device, as it was
 * @ats: it had ATS on
 * @external: it was behind an external port
 * @bound: its driver is registered
 */
static struct odma_pci_test {
	struct pci_dev *pdev;
	bool ats;
	bool external;
	bool ruled;
	bool bound;
	struct pci_device_id ids[2];
	struct pci_driver driver;
} odma_pci;

static int odma_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return pdev == odma_pci.pdev ? 0 : -ENODEV;
}

/* One that no driver has, and that is no bridge. */
static struct pci_dev *odma_free_pci_device(void)
{
	struct pci_dev *pdev = NULL;

	for_each_pci_dev(pdev)
		if (!pdev->dev.driver && !pci_is_bridge(pdev) &&
		    pdev->hdr_type == PCI_HEADER_TYPE_NORMAL)
			return pdev;
	return NULL;
}

static int odma_pci_init(struct kunit *test)
{
	int ret = odma_iommu_unbound_init(test);

	memset(&odma_pci, 0, sizeof(odma_pci));
	odma_pci.pdev = odma_free_pci_device();
	if (!odma_pci.pdev)
		kunit_skip(test, "no PCI device is free");
	odma_pci.ats = odma_pci.pdev->ats_enabled;
	odma_pci.external = odma_pci.pdev->untrusted;
	odma_pci.ids[0].vendor = odma_pci.pdev->vendor;
	odma_pci.ids[0].device = odma_pci.pdev->device;
	odma_pci.ids[0].subvendor = PCI_ANY_ID;
	odma_pci.ids[0].subdevice = PCI_ANY_ID;
	odma_pci.driver.name = "odma-kunit-pci";
	odma_pci.driver.id_table = odma_pci.ids;
	odma_pci.driver.probe = odma_pci_probe;
	return ret;
}

static struct device *odma_pci_dev(void)
{
	return &odma_pci.pdev->dev;
}

static const char *odma_pci_words(const char *words)
{
	static char rule[128];

	snprintf(rule, sizeof(rule), "pci %s %s", dev_name(odma_pci_dev()),
		 words);
	return rule;
}

static int odma_pci_rule(const char *words)
{
	int ret = odma_add_rule(odma_pci_words(words));

	odma_pci.ruled |= !ret;
	return ret;
}

static void odma_pci_unbind(struct kunit *test)
{
	if (odma_pci.bound)
		pci_unregister_driver(&odma_pci.driver);
	odma_pci.bound = false;
	if (odma_pci.ruled)
		KUNIT_EXPECT_EQ(test, 0, odma_remove_rule(odma_pci_words("")));
	odma_pci.ruled = false;
}

/* Bound by this rule; the attachment, or NULL. */
static struct odma_device *odma_pci_bind(struct kunit *test, const char *words)
{
	KUNIT_ASSERT_EQ(test, 0, odma_pci_rule(words));
	KUNIT_ASSERT_EQ(test, 0, pci_register_driver(&odma_pci.driver));
	odma_pci.bound = true;
	return odma_device_of(odma_pci_dev());
}

static struct odma_translated *odma_pci_translated(struct kunit *test,
						   const char *words)
{
	struct odma_device *odev = odma_pci_bind(test, words);

	KUNIT_ASSERT_NOT_NULL(test, odev);
	KUNIT_ASSERT_EQ(test, odev->state, ODMA_ATTACHED);
	return odev->priv;
}

static void odma_pci_start(struct kunit *test)
{
	static const struct odma_soft_cfg cfg = {
		.granule_shift = 12, .ias = 48,
	};

	odma_soft = odma_soft_start(test, &cfg, odma_pci_dev());
}

static void odma_pci_exit(struct kunit *test)
{
	if (odma_pci.pdev) {
		odma_pci_unbind(test);
		odma_pci.pdev->ats_enabled = odma_pci.ats;
		odma_pci.pdev->untrusted = odma_pci.external;
	}
	odma_iommu_exit(test);
	pci_dev_put(odma_pci.pdev);
	odma_pci.pdev = NULL;
}

/* What /sys/kernel/odma/check says. */
static ssize_t odma_ask(struct kunit *test, const char *words)
{
	const char *rule = odma_pci_words(words);
	struct file *file = filp_open("/sys/kernel/odma/check", O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t ret;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	ret = kernel_write(file, rule, strlen(rule), &pos);
	filp_close(file, NULL);
	return ret < 0 ? ret : 0;
}

/* The device sees zeroes beside the buffer, and nothing when it is unmapped. */
static void odma_expect_apart(struct kunit *test)
{
	u8 *page = odma_iommu_buffer(test, 0), seen[64];
	struct device *dev = odma_pci_dev();
	dma_addr_t addr;

	addr = dma_map_single(dev, page + 256, 512, DMA_TO_DEVICE);
	KUNIT_ASSERT_FALSE(test, dma_mapping_error(dev, addr));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr, seen, 64));
	KUNIT_EXPECT_EQ(test, 0, memcmp(seen, page + 256, sizeof(seen)));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr - 64, seen,
						64));
	KUNIT_EXPECT_NULL(test, memchr_inv(seen, 0, sizeof(seen)));
	dma_unmap_single(dev, addr, 512, DMA_TO_DEVICE);
}

static void odma_pci_external(struct kunit *test)
{
	static const char * const words[] = { "iommu", "iommu strict" };
	struct odma_translated *t;
	dma_addr_t addr;
	int i;

	odma_pci_start(test);
	odma_pci.pdev->untrusted = true;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		t = odma_pci_translated(test, words[i]);
		KUNIT_EXPECT_TRUE(test, t->untrusted);
		KUNIT_EXPECT_FALSE(test, t->lazy);
		odma_expect_apart(test);
		addr = dma_map_single(odma_pci_dev(),
				      odma_iommu_buffer(test, 0), 64,
				      DMA_TO_DEVICE);
		dma_unmap_single(odma_pci_dev(), addr, 64, DMA_TO_DEVICE);
		KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
		odma_pci_unbind(test);
	}
	/* And it is nothing of its rule's. */
	odma_pci.pdev->untrusted = false;
	t = odma_pci_translated(test, "iommu");
	KUNIT_EXPECT_FALSE(test, t->untrusted);
}

/* Small buffers are copied, and ragged ones bounce. */
static void odma_pci_external_shadow(struct kunit *test)
{
	struct odma_translated *t;

	odma_pci_start(test);
	odma_pci.pdev->untrusted = true;
	t = odma_pci_translated(test, "iommu shadow shadow_max=128");
	KUNIT_EXPECT_NOT_NULL(test, t->shadow);
	KUNIT_EXPECT_TRUE(test, t->untrusted);
	odma_expect_apart(test);
}

static void odma_pci_external_lazy(struct kunit *test)
{
	struct kmsg_dump_iter log;

	odma_pci_start(test);
	odma_pci.pdev->untrusted = true;
	odma_log_mark(&log);
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_pci_rule("iommu lazy"));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "say strict"));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_ask(test, "iommu lazy shadow"));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "say strict"));
	KUNIT_EXPECT_EQ(test, 0, odma_ask(test, "iommu shadow"));
	odma_pci.pdev->untrusted = false;
	KUNIT_EXPECT_EQ(test, 0, odma_ask(test, "iommu lazy"));
	/* A rule that came before the port was known to be one is not kept. */
	KUNIT_ASSERT_EQ(test, 0, odma_pci_rule("iommu lazy"));
	odma_pci.pdev->untrusted = true;
	KUNIT_ASSERT_EQ(test, 0, pci_register_driver(&odma_pci.driver));
	odma_pci.bound = true;
	KUNIT_EXPECT_NULL(test, odma_pci_dev()->driver);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "say strict"));
}

/* Where nothing is translated that is said, and no more can be done. */
static void odma_pci_external_direct(struct kunit *test)
{
	static const char * const words[] = { "direct", "swiotlb" };
	struct kmsg_dump_iter log;
	struct odma_device *odev;
	int i;

	odma_pci.pdev->untrusted = true;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		odma_log_mark(&log);
		odev = odma_pci_bind(test, words[i]);
		KUNIT_ASSERT_NOT_NULL(test, odev);
		KUNIT_EXPECT_NOT_NULL(test, strstr(odev->note, "external"));
		KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "no protection"));
		odma_pci_unbind(test);
	}
}

/* What the device itself calls translated is checked by nobody. */
static void odma_pci_ats(struct kunit *test)
{
	struct odma_translated *t;
	struct kmsg_dump_iter log;

	odma_pci_start(test);
	odma_pci.pdev->ats_enabled = true;
	odma_log_mark(&log);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, odma_pci_rule("iommu untrusted"));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "pci=noats"));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, odma_ask(test, "iommu untrusted"));
	KUNIT_EXPECT_EQ(test, 0, odma_ask(test, "iommu strict"));
	t = odma_pci_translated(test, "iommu strict");
	KUNIT_EXPECT_FALSE(test, t->untrusted);
}

/* Some drivers of IOMMUs turn it on when they are given a domain. */
static int odma_attach_with_ats(struct odma_iommu_domain *domain,
				struct device *dev)
{
	odma_pci.pdev->ats_enabled = true;
	odma_soft->attached++;
	return 0;
}

static void odma_pci_ats_late(struct kunit *test)
{
	struct kmsg_dump_iter log;

	odma_pci_start(test);
	odma_soft->iommu.attach = odma_attach_with_ats;
	odma_log_mark(&log);
	odma_pci_bind(test, "iommu untrusted");
	KUNIT_EXPECT_NULL(test, odma_pci_dev()->driver);
	KUNIT_EXPECT_EQ(test, 0, odma_soft->attached);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "pci=noats"));
}

static void odma_expect_protection(struct kunit *test, const char *words)
{
	char path[96], text[128] = "";
	struct file *file;
	loff_t pos = 0;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/odma/protection",
		 dev_name(odma_pci_dev()));
	file = filp_open(path, O_RDONLY, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	kernel_read(file, text, sizeof(text) - 1, &pos);
	filp_close(file, NULL);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, words), "%s in %s", words,
				  text);
}

static void odma_pci_protection(struct kunit *test)
{
	odma_pci_start(test);
	odma_pci_translated(test, "iommu");
	odma_expect_protection(test, "port=internal ats=off translated=");
	odma_expect_protection(test, " interrupts=unchecked peers=0\n");
	odma_pci.pdev->ats_enabled = true;
	odma_pci.pdev->untrusted = true;
	odma_expect_protection(test, "port=external ats=on translated=");
}

/* The windows of the bridge, as long as a case runs. */
struct odma_inbound {
	struct list_head old;
	struct resource res[3];
	struct resource_entry *entry[3];
};

static void odma_set_inbound(struct kunit *test, struct odma_inbound *in,
			     const struct resource *res, int count)
{
	struct pci_host_bridge *bridge =
		pci_find_host_bridge(odma_pci.pdev->bus);
	int i;

	INIT_LIST_HEAD(&in->old);
	list_splice_init(&bridge->dma_ranges, &in->old);
	for (i = 0; i < count; i++) {
		in->res[i] = res[i];
		in->entry[i] = resource_list_create_entry(&in->res[i], 0);
		KUNIT_ASSERT_NOT_NULL(test, in->entry[i]);
		/* The bus has another view of it than the CPU. */
		in->entry[i]->offset = SZ_256M;
		resource_list_add_tail(in->entry[i], &bridge->dma_ranges);
	}
}

static void odma_reset_inbound(struct odma_inbound *in)
{
	struct pci_host_bridge *bridge =
		pci_find_host_bridge(odma_pci.pdev->bus);

	resource_list_free(&bridge->dma_ranges);
	list_splice_init(&in->old, &bridge->dma_ranges);
}

static bool odma_is_inbound(u64 addr, size_t size)
{
	u64 last = addr + size - 1;

	return (addr >= 0x00100000 && last <= 0x001fffff) ||
	       (addr >= 0x04000800 && last <= 0x043fffff);
}

/*
 * Of a bridge with two windows that touch, one beside them, in no order, where
 * no machine has its devices' registers.
 */
static void odma_pci_inbound(struct kunit *test)
{
	static const struct resource res[] = {
		DEFINE_RES_MEM(SZ_256M + 0x04200000, SZ_2M),
		DEFINE_RES_MEM(SZ_256M + 0x00100000, SZ_1M),
		DEFINE_RES_MEM(SZ_256M + 0x04000800, SZ_2M),
	};
	static dma_addr_t addr[64];
	struct device *dev = odma_pci_dev();
	struct odma_inbound in;
	int i, given = 0;

	odma_pci_start(test);
	odma_set_inbound(test, &in, res, ARRAY_SIZE(res));
	odma_pci_translated(test, "iommu");
	odma_reset_inbound(&in);
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, DMA_BIT_MASK(64)));
	for (i = 0; i < ARRAY_SIZE(addr); i++) {
		addr[i] = odma_map_resource(dev, 0xc0000000, SZ_64K,
					    DMA_TO_DEVICE, DMA_ATTR_NO_WARN);
		if (addr[i] == DMA_MAPPING_ERROR)
			continue;
		given++;
		KUNIT_EXPECT_TRUE_MSG(test, odma_is_inbound(addr[i], SZ_64K),
				      "%pad", &addr[i]);
	}
	KUNIT_EXPECT_EQ(test, given, ARRAY_SIZE(addr));
	/* Below the upper one there is the lower one, and nothing else. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, DMA_BIT_MASK(26)));
	*dev->dma_mask = DMA_BIT_MASK(26);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_resource(dev, 0xc0000000, SZ_2M,
					  DMA_TO_DEVICE, DMA_ATTR_NO_WARN));
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		if (addr[i] != DMA_MAPPING_ERROR)
			odma_unmap_resource(dev, addr[i], SZ_64K,
					    DMA_TO_DEVICE, 0);
}

static struct kunit_case odma_iommu_pci_cases[] = {
	KUNIT_CASE(odma_pci_external),
	KUNIT_CASE(odma_pci_external_shadow),
	KUNIT_CASE(odma_pci_external_lazy),
	KUNIT_CASE(odma_pci_external_direct),
	KUNIT_CASE(odma_pci_ats),
	KUNIT_CASE(odma_pci_ats_late),
	KUNIT_CASE(odma_pci_protection),
	KUNIT_CASE(odma_pci_inbound),
	{}
};

struct kunit_suite odma_iommu_pci_suite = {
	.name = "odma-iommu-pci",
	.suite_init = odma_begin_suite,
	.init = odma_pci_init,
	.exit = odma_pci_exit,
	.test_cases = odma_iommu_pci_cases,
};
