// SPDX-License-Identifier: GPL-2.0
/*
 * Whose DMA a device's is: a parent's, nobody's that the DMA API knows, or that
 * of the kernel's IOMMU code.
 *
 * The functions are not exported, so the files are compiled in here once more.
 */
#include "../../mapping/group.c"
#include "../../mapping/virtio.c"
#include "../shared/fixture.h"
#include "../suites.h"

static void odma_whose_parent(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *child = kunit_kzalloc(test, sizeof(*child), GFP_KERNEL);
	struct device *leaf = kunit_kzalloc(test, sizeof(*leaf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, child);
	KUNIT_ASSERT_NOT_NULL(test, leaf);
	leaf->parent = child;
	KUNIT_EXPECT_NULL(test, odma_dma_parent(leaf));
	child->parent = fx->dev;
	KUNIT_EXPECT_PTR_EQ(test, fx->dev, odma_dma_parent(child));
	KUNIT_EXPECT_PTR_EQ(test, fx->dev, odma_dma_parent(leaf));
	child->dma_mask = &child->coherent_dma_mask;
	KUNIT_EXPECT_PTR_EQ(test, child, odma_dma_parent(leaf));
	/* What is above it does no DMA for anybody. */
	KUNIT_EXPECT_NULL(test, odma_dma_parent(fx->dev));
}

static void odma_whose_group(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	char type[16];

	KUNIT_EXPECT_FALSE(test, odma_kernel_translates(fx->dev));
	KUNIT_EXPECT_EQ(test, -ENODEV,
			odma_group_type(fx->dev, type, sizeof(type)));
	KUNIT_EXPECT_EQ(test, -ENODEV,
			odma_group_set_type(fx->dev, "identity"));
	KUNIT_EXPECT_EQ(test, -ENODEV, odma_group_can_be_identity(fx->dev));
}

static void odma_whose_mmio(struct kunit *test)
{
	u32 *regs = kunit_kzalloc(test, VIRTIO_MMIO_CONFIG, GFP_KERNEL);
	void __iomem *mmio = (void __force __iomem *)regs;
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, regs);
	KUNIT_EXPECT_FALSE(test, odma_goes_past_dma_api(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_virtio_mmio_lacks_platform(mmio));
	memcpy(regs, "virt", 4);
	regs[VIRTIO_MMIO_VERSION / 4] = 1;
	KUNIT_EXPECT_FALSE(test, odma_virtio_mmio_lacks_platform(mmio));
	regs[VIRTIO_MMIO_DEVICE_ID / 4] = 2;
	/* A legacy device has no such register. */
	regs[VIRTIO_MMIO_DEVICE_FEATURES / 4] = ~0U;
	KUNIT_EXPECT_TRUE(test, odma_virtio_mmio_lacks_platform(mmio));
	regs[VIRTIO_MMIO_VERSION / 4] = 2;
	regs[VIRTIO_MMIO_DEVICE_FEATURES / 4] = BIT(0);
	KUNIT_EXPECT_TRUE(test, odma_virtio_mmio_lacks_platform(mmio));
	KUNIT_EXPECT_EQ(test, 1, regs[VIRTIO_MMIO_DEVICE_FEATURES_SEL / 4]);
	regs[VIRTIO_MMIO_DEVICE_FEATURES / 4] = BIT(0) | BIT(1);
	KUNIT_EXPECT_FALSE(test, odma_virtio_mmio_lacks_platform(mmio));
	regs[0] = 0;
	regs[VIRTIO_MMIO_VERSION / 4] = 1;
	KUNIT_EXPECT_FALSE(test, odma_virtio_mmio_lacks_platform(mmio));
}

/* By its name only, as one of the command line, and without registers. */
static void odma_whose_mmio_nowhere(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const char *name = fx->pdev->name;

	KUNIT_EXPECT_FALSE(test, odma_is_virtio_mmio(fx->dev));
	fx->pdev->name = "virtio-mmio";
	KUNIT_EXPECT_TRUE(test, odma_is_virtio_mmio(fx->dev));
	KUNIT_EXPECT_FALSE(test, odma_goes_past_dma_api(fx->dev));
	fx->pdev->name = name;
}

#ifdef CONFIG_PCI

/* Where the capabilities of the virtio device below are. */
#define ODMA_CAP_COMMON	0x40
#define ODMA_CAP_WINDOW	0x60
#define ODMA_CAP_DATA	(ODMA_CAP_WINDOW + 16)
#define ODMA_COMMON_BAR	4
#define ODMA_COMMON_AT	0x3000

/*
 * struct odma_virtio_fake - a virtio device that is configuration space only
 * @bus:	what it is on
 * @pdev:	it
 * @space:	its configuration space
 * @select:	device_feature_select
 * @features:	what it offers
 * @dead:	its window leads nowhere
 */
struct odma_virtio_fake {
	struct pci_bus bus;
	struct pci_dev pdev;
	u8 space[256];
	u32 select;
	u32 features[2];
	bool dead;
};

static struct odma_virtio_fake *odma_fake(struct pci_bus *bus)
{
	return container_of(bus, struct odma_virtio_fake, bus);
}

/* The register that the window is on; NULL where it is on none. */
static u32 *odma_fake_register(struct odma_virtio_fake *fake)
{
	u8 *window = fake->space + ODMA_CAP_WINDOW;
	u32 offset;

	if (fake->dead || window[VIRTIO_PCI_CAP_BAR] != ODMA_COMMON_BAR ||
	    *(u32 *)(window + VIRTIO_PCI_CAP_LENGTH) != 4)
		return NULL;
	offset = *(u32 *)(window + VIRTIO_PCI_CAP_OFFSET) - ODMA_COMMON_AT;
	if (offset == VIRTIO_PCI_COMMON_DFSELECT)
		return &fake->select;
	if (offset == VIRTIO_PCI_COMMON_DF && fake->select < 2)
		return &fake->features[fake->select];
	return NULL;
}

static int odma_fake_read(struct pci_bus *bus, unsigned int devfn, int where,
			  int size, u32 *val)
{
	struct odma_virtio_fake *fake = odma_fake(bus);
	u32 *reg;

	*val = 0;
	memcpy(val, fake->space + where, size);
	if (where == ODMA_CAP_DATA) {
		reg = odma_fake_register(fake);
		*val = reg ? *reg : 0;
	}
	return PCIBIOS_SUCCESSFUL;
}

static int odma_fake_write(struct pci_bus *bus, unsigned int devfn, int where,
			   int size, u32 val)
{
	struct odma_virtio_fake *fake = odma_fake(bus);
	u32 *reg;

	if (where != ODMA_CAP_DATA) {
		memcpy(fake->space + where, &val, size);
		return PCIBIOS_SUCCESSFUL;
	}
	reg = odma_fake_register(fake);
	if (reg == &fake->select)
		*reg = val;
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops odma_fake_ops = {
	.read = odma_fake_read,
	.write = odma_fake_write,
};

static void odma_fake_cap(struct odma_virtio_fake *fake, int cap, u8 next,
			  u8 type)
{
	u8 *space = fake->space + cap;

	space[VIRTIO_PCI_CAP_VNDR] = PCI_CAP_ID_VNDR;
	space[VIRTIO_PCI_CAP_NEXT] = next;
	space[VIRTIO_PCI_CAP_CFG_TYPE] = type;
}

static struct odma_virtio_fake *odma_new_fake(struct kunit *test)
{
	struct odma_virtio_fake *fake;
	u8 *common;

	fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->bus.ops = &odma_fake_ops;
	fake->pdev.bus = &fake->bus;
	fake->pdev.dev.bus = &pci_bus_type;
	fake->pdev.dev.init_name = "odma-kunit-virtio";
	fake->pdev.vendor = PCI_VENDOR_ID_REDHAT_QUMRANET;
	fake->pdev.device = 0x1042;
	fake->space[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	fake->space[PCI_CAPABILITY_LIST] = ODMA_CAP_COMMON;
	odma_fake_cap(fake, ODMA_CAP_COMMON, ODMA_CAP_WINDOW,
		      VIRTIO_PCI_CAP_COMMON_CFG);
	odma_fake_cap(fake, ODMA_CAP_WINDOW, 0, VIRTIO_PCI_CAP_PCI_CFG);
	common = fake->space + ODMA_CAP_COMMON;
	common[VIRTIO_PCI_CAP_BAR] = ODMA_COMMON_BAR;
	*(u32 *)(common + VIRTIO_PCI_CAP_OFFSET) = ODMA_COMMON_AT;
	*(u32 *)(common + VIRTIO_PCI_CAP_LENGTH) = 0x38;
	fake->features[0] = ~0U;
	fake->features[1] = BIT(0) | BIT(1);
	return fake;
}

static void odma_whose_pci(struct kunit *test)
{
	struct odma_virtio_fake *fake = odma_new_fake(test);
	struct device *dev = &fake->pdev.dev;

	KUNIT_EXPECT_FALSE(test, odma_goes_past_dma_api(dev));
	fake->features[1] = BIT(0);
	KUNIT_EXPECT_TRUE(test, odma_goes_past_dma_api(dev));
	/* No capability says where the configuration is: a legacy device. */
	fake->features[1] |= BIT(1);
	fake->space[PCI_CAPABILITY_LIST] = ODMA_CAP_WINDOW;
	KUNIT_EXPECT_TRUE(test, odma_goes_past_dma_api(dev));
	/* Of the same vendor, and no virtio device. */
	fake->pdev.device = 0x1110;
	KUNIT_EXPECT_FALSE(test, odma_goes_past_dma_api(dev));
}

/* A driver finds what it has left. */
static void odma_whose_pci_untouched(struct kunit *test)
{
	struct odma_virtio_fake *fake = odma_new_fake(test);
	u8 *window = fake->space + ODMA_CAP_WINDOW;
	u8 before[sizeof(fake->space)];

	fake->features[1] = BIT(0);
	fake->select = 0x1234;
	window[VIRTIO_PCI_CAP_BAR] = 2;
	*(u32 *)(window + VIRTIO_PCI_CAP_OFFSET) = 0x5678;
	*(u32 *)(window + VIRTIO_PCI_CAP_LENGTH) = 2;
	memcpy(before, fake->space, sizeof(before));
	KUNIT_EXPECT_TRUE(test, odma_goes_past_dma_api(&fake->pdev.dev));
	KUNIT_EXPECT_EQ(test, 0, memcmp(before, fake->space, sizeof(before)));
	KUNIT_EXPECT_EQ(test, 0x1234, fake->select);
}

/* It answers on no way: it is not said to go past what it may well use. */
static void odma_whose_pci_silent(struct kunit *test)
{
	struct odma_virtio_fake *fake = odma_new_fake(test);

	fake->features[1] = BIT(0);
	fake->dead = true;
	KUNIT_EXPECT_FALSE(test, odma_goes_past_dma_api(&fake->pdev.dev));
	fake->dead = false;
	fake->space[ODMA_CAP_COMMON + VIRTIO_PCI_CAP_NEXT] = 0;
	KUNIT_EXPECT_FALSE(test, odma_goes_past_dma_api(&fake->pdev.dev));
	/* Enabled, though it has no such BAR. */
	fake->space[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	KUNIT_EXPECT_FALSE(test, odma_goes_past_dma_api(&fake->pdev.dev));
}

#endif

static struct kunit_case odma_whose_cases[] = {
	KUNIT_CASE(odma_whose_parent),
	KUNIT_CASE(odma_whose_group),
	KUNIT_CASE(odma_whose_mmio),
	KUNIT_CASE(odma_whose_mmio_nowhere),
#ifdef CONFIG_PCI
	KUNIT_CASE(odma_whose_pci),
	KUNIT_CASE(odma_whose_pci_untouched),
	KUNIT_CASE(odma_whose_pci_silent),
#endif
	{}
};

struct kunit_suite odma_whose_suite = {
	.name = "odma-whose",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_whose_cases,
};
