// SPDX-License-Identifier: GPL-2.0
/*
 * Whose DMA does not come through the DMA API of the device that does it.
 *
 * A virtio driver hands physical addresses to a device that does not offer
 * VIRTIO_F_ACCESS_PLATFORM: nothing that is put under such a device is ever
 * called. What it offers can be read before its driver is there.
 *
 * Source: Virtual I/O Device (VIRTIO) 1.2, 2.2 (feature bits), 4.1.4 (PCI
 * structures), 4.1.4.9 (the window to them), 4.2.2 (MMIO registers), 6.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/acpi.h>
#include <linux/io.h>
#include <linux/of.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_pci.h>
#include <xen/xen.h>
#include "core.h"

/* What selects the feature bits 32 to 63, and a bit's place among these. */
#define ODMA_HIGH_FEATURES	1
#define ODMA_HIGH_BIT(bit)	BIT((bit) - 32)

#ifdef CONFIG_PCI

#define ODMA_VIRTIO_FIRST	0x1000
#define ODMA_VIRTIO_LAST	0x107f

/*
 * struct odma_virtio - the common configuration of a virtio device
 * @pdev:	the device
 * @common:	configuration space: the capability that says where it is, or 0
 * @bar:	where it is
 * @offset:	in there
 * @window:	configuration space: the capability that gives access to BARs
 *		that nobody has enabled or mapped, or 0
 * @regs:	it, mapped, where there is no such window
 */
struct odma_virtio {
	struct pci_dev *pdev;
	int common;
	u8 bar;
	u32 offset;
	int window;
	void __iomem *regs;
};

/* What a window pointed to before. */
struct odma_virtio_window {
	u8 bar;
	u32 offset;
	u32 length;
};

/* Of several that are usable, the first is the one that drivers take. */
static void odma_virtio_look_at(struct odma_virtio *v, int cap)
{
	u8 type, bar;
	u32 length;

	pci_read_config_byte(v->pdev, cap + VIRTIO_PCI_CAP_CFG_TYPE, &type);
	pci_read_config_byte(v->pdev, cap + VIRTIO_PCI_CAP_BAR, &bar);
	if (type == VIRTIO_PCI_CAP_PCI_CFG && !v->window) {
		v->window = cap;
		return;
	}
	if (type != VIRTIO_PCI_CAP_COMMON_CFG || v->common ||
	    bar >= PCI_STD_NUM_BARS)
		return;
	pci_read_config_dword(v->pdev, cap + VIRTIO_PCI_CAP_LENGTH, &length);
	if (length < VIRTIO_PCI_COMMON_DF + sizeof(u32))
		return;
	v->common = cap;
	v->bar = bar;
	pci_read_config_dword(v->pdev, cap + VIRTIO_PCI_CAP_OFFSET, &v->offset);
}

static void odma_virtio_find(struct odma_virtio *v)
{
	int cap = pci_find_capability(v->pdev, PCI_CAP_ID_VNDR);

	while (cap) {
		odma_virtio_look_at(v, cap);
		cap = pci_find_next_capability(v->pdev, cap, PCI_CAP_ID_VNDR);
	}
}

static u32 odma_virtio_read(const struct odma_virtio *v, u32 reg)
{
	u32 value = ~0U;

	if (v->regs)
		return ioread32(v->regs + reg);
	pci_write_config_dword(v->pdev, v->window + VIRTIO_PCI_CAP_OFFSET,
			       v->offset + reg);
	pci_read_config_dword(v->pdev, v->window +
			      offsetof(struct virtio_pci_cfg_cap, pci_cfg_data),
			      &value);
	return value;
}

static void odma_virtio_write(const struct odma_virtio *v, u32 reg, u32 value)
{
	if (v->regs) {
		iowrite32(value, v->regs + reg);
		return;
	}
	pci_write_config_dword(v->pdev, v->window + VIRTIO_PCI_CAP_OFFSET,
			       v->offset + reg);
	pci_write_config_dword(v->pdev, v->window +
			       offsetof(struct virtio_pci_cfg_cap,
					pci_cfg_data), value);
}

/*
 * Whether the device has answered at all is seen from the selector, which reads
 * back what was written; a driver finds it as it has left it.
 */
static bool odma_virtio_ask(const struct odma_virtio *v, u32 *features)
{
	u32 before = odma_virtio_read(v, VIRTIO_PCI_COMMON_DFSELECT);
	bool answers;

	odma_virtio_write(v, VIRTIO_PCI_COMMON_DFSELECT, ODMA_HIGH_FEATURES);
	answers = odma_virtio_read(v, VIRTIO_PCI_COMMON_DFSELECT) ==
		  ODMA_HIGH_FEATURES;
	*features = odma_virtio_read(v, VIRTIO_PCI_COMMON_DF);
	odma_virtio_write(v, VIRTIO_PCI_COMMON_DFSELECT, before);
	return answers;
}

static bool odma_virtio_ask_window(const struct odma_virtio *v, u32 *features)
{
	int bar = v->window + VIRTIO_PCI_CAP_BAR;
	int offset = v->window + VIRTIO_PCI_CAP_OFFSET;
	int length = v->window + VIRTIO_PCI_CAP_LENGTH;
	struct odma_virtio_window before;
	bool answers;

	if (!v->window)
		return false;
	/* Programs that look at configuration space wait meanwhile. */
	pci_cfg_access_lock(v->pdev);
	pci_read_config_byte(v->pdev, bar, &before.bar);
	pci_read_config_dword(v->pdev, offset, &before.offset);
	pci_read_config_dword(v->pdev, length, &before.length);
	pci_write_config_byte(v->pdev, bar, v->bar);
	pci_write_config_dword(v->pdev, length, sizeof(u32));
	answers = odma_virtio_ask(v, features);
	pci_write_config_byte(v->pdev, bar, before.bar);
	pci_write_config_dword(v->pdev, offset, before.offset);
	pci_write_config_dword(v->pdev, length, before.length);
	pci_cfg_access_unlock(v->pdev);
	return answers;
}

/* Every device has the window, says the specification; not every one works. */
static bool odma_virtio_ask_bar(struct odma_virtio *v, u32 *features)
{
	u16 command, needed = PCI_COMMAND_MEMORY;
	bool answers;

	if (pci_resource_flags(v->pdev, v->bar) & IORESOURCE_IO)
		needed = PCI_COMMAND_IO;
	pci_read_config_word(v->pdev, PCI_COMMAND, &command);
	if (!(command & needed))
		return false;
	v->regs = pci_iomap_range(v->pdev, v->bar, v->offset,
				  VIRTIO_PCI_COMMON_DF + sizeof(u32));
	if (!v->regs)
		return false;
	answers = odma_virtio_ask(v, features);
	pci_iounmap(v->pdev, v->regs);
	v->regs = NULL;
	return answers;
}

static bool odma_is_virtio_pci(struct device *dev)
{
	struct pci_dev *pdev;

	if (!dev_is_pci(dev))
		return false;
	pdev = to_pci_dev(dev);
	return pdev->vendor == PCI_VENDOR_ID_REDHAT_QUMRANET &&
	       pdev->device >= ODMA_VIRTIO_FIRST &&
	       pdev->device <= ODMA_VIRTIO_LAST;
}

static bool odma_virtio_pci_goes_past(struct device *dev)
{
	struct odma_virtio v = { .pdev = to_pci_dev(dev) };
	u32 features;

	odma_virtio_find(&v);
	/* A legacy device has 32 feature bits. */
	if (!v.common)
		return true;
	if (odma_virtio_ask_window(&v, &features) ||
	    odma_virtio_ask_bar(&v, &features))
		return !(features & ODMA_HIGH_BIT(VIRTIO_F_ACCESS_PLATFORM));
	pr_info("%s: a virtio device that does not say whether it goes past the DMA API (remedy: with its driver bound and 'stats' in the rule, see whether it maps anything)\n",
		dev_name(dev));
	return false;
}

#else /* !CONFIG_PCI */

static bool odma_is_virtio_pci(struct device *dev)
{
	return false;
}

static bool odma_virtio_pci_goes_past(struct device *dev)
{
	return false;
}

#endif

#define ODMA_VIRTIO_MAGIC	('v' | 'i' << 8 | 'r' << 16 | 't' << 24)

static const struct acpi_device_id odma_virtio_acpi_ids[] = {
	{ "LNRO0005" },
	{}
};

/* Those of the command line have neither node nor ACPI: a name only. */
static bool odma_is_virtio_mmio(struct device *dev)
{
	if (dev->bus != &platform_bus_type)
		return false;
	return of_device_is_compatible(dev->of_node, "virtio,mmio") ||
	       acpi_match_device(odma_virtio_acpi_ids, dev) ||
	       !strcmp(to_platform_device(dev)->name, "virtio-mmio");
}

/*
 * The selector can't be read, so it is not put back: a driver writes it before
 * it reads. Version 1 is the legacy one, and device 0 is none.
 */
static bool odma_virtio_mmio_lacks_platform(void __iomem *regs)
{
	u32 version = readl(regs + VIRTIO_MMIO_VERSION);

	if (readl(regs + VIRTIO_MMIO_MAGIC_VALUE) != ODMA_VIRTIO_MAGIC ||
	    !readl(regs + VIRTIO_MMIO_DEVICE_ID) || !version)
		return false;
	if (version == 1)
		return true;
	writel(ODMA_HIGH_FEATURES, regs + VIRTIO_MMIO_DEVICE_FEATURES_SEL);
	return !(readl(regs + VIRTIO_MMIO_DEVICE_FEATURES) &
		 ODMA_HIGH_BIT(VIRTIO_F_ACCESS_PLATFORM));
}

static bool odma_virtio_mmio_goes_past(struct device *dev)
{
	struct resource *res;
	void __iomem *regs;
	bool past;

	res = platform_get_resource(to_platform_device(dev), IORESOURCE_MEM, 0);
	if (!res || resource_size(res) < VIRTIO_MMIO_CONFIG)
		return false;
	regs = ioremap(res->start, VIRTIO_MMIO_CONFIG);
	if (!regs) {
		pr_err("%s: no memory to see whether it goes past the DMA API\n",
		       dev_name(dev));
		return false;
	}
	past = odma_virtio_mmio_lacks_platform(regs);
	iounmap(regs);
	return past;
}

/**
 * odma_goes_past_dma_api() - does a device's driver do without the DMA API?
 * @dev: any device; without a driver, or with one that does not probe
 *	meanwhile: it reads the features, too
 *
 * The device is neither enabled nor reset. One that does not answer is given
 * the benefit of the doubt, and a line in the log.
 *
 * Context: process context, may sleep; device_lock() of @dev held.
 *
 * Return: true for virtio that hands physical addresses to its device.
 */
bool odma_goes_past_dma_api(struct device *dev)
{
	/* There, a virtio driver goes through the DMA API in any case. */
	if (xen_domain())
		return false;
	if (odma_is_virtio_pci(dev))
		return odma_virtio_pci_goes_past(dev);
	if (odma_is_virtio_mmio(dev))
		return odma_virtio_mmio_goes_past(dev);
	return false;
}

/**
 * odma_dma_parent() - who does the DMA of a device that does none
 * @dev: a device without a dma_mask, as virtio's or a disk's are
 *
 * Context: any, as long as @dev stays; it keeps its parents.
 *
 * Return: the nearest of its parents that has one, not referenced; or NULL.
 */
struct device *odma_dma_parent(struct device *dev)
{
	struct device *parent;

	for (parent = dev->parent; parent; parent = parent->parent)
		if (parent->dma_mask)
			return parent;
	return NULL;
}
