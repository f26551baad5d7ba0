// SPDX-License-Identifier: GPL-2.0
/*
 * A small complete DMA driver, written against odma: for QEMU's "edu" device.
 *
 * The pattern for a driver of your own:
 *   - include <odma/dma-mapping.h>, import the namespace, use odma_*() where
 *     you would use dma_*(): same parameters, same results;
 *   - set the mask first, test every mapping, unmap what you mapped;
 *   - memory that CPU and device share for long is coherent, a buffer that
 *     changes hands for one transfer is a streaming mapping.
 * Nothing here asks whether the device is attached. If a rule says so, its DMA
 * goes through a backend; if not, odma_*() is dma_*().
 *
 * Source of the register layout: QEMU's docs/specs/edu.
 */
#include <linux/delay.h>
#include <linux/iopoll.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <odma/compat.h>
#include <odma/dma-mapping.h>

#define EDU_VENDOR		0x1234
#define EDU_DEVICE		0x11e8

#define EDU_DMA_SRC		0x80
#define EDU_DMA_DST		0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_CMD		0x98
#define   EDU_DMA_START		BIT(0)
#define   EDU_DMA_FROM_EDU	BIT(1)

#define EDU_BUFFER		0x40000	/* the device's own memory */
#define EDU_TRANSFER		2048	/* bytes; QEMU 7.2 dies of all 4096 */
#define EDU_TIMEOUT_US		(2 * USEC_PER_SEC)

struct edu {
	struct pci_dev *pdev;
	void __iomem *regs;
	struct mutex lock;	/* one transfer at a time */
	void *shared;		/* coherent memory, EDU_TRANSFER bytes */
	dma_addr_t shared_addr;
};

/* The device takes 64-bit registers as two halves, the low one first. */
static void edu_write64(struct edu *edu, unsigned int reg, u64 value)
{
	writel(lower_32_bits(value), edu->regs + reg);
	writel(upper_32_bits(value), edu->regs + reg + 4);
}

static int edu_transfer(struct edu *edu, u64 src, u64 dst, u32 cmd)
{
	u32 busy;

	edu_write64(edu, EDU_DMA_SRC, src);
	edu_write64(edu, EDU_DMA_DST, dst);
	edu_write64(edu, EDU_DMA_COUNT, EDU_TRANSFER);
	writel(cmd | EDU_DMA_START, edu->regs + EDU_DMA_CMD);
	return readl_poll_timeout(edu->regs + EDU_DMA_CMD, busy,
				  !(busy & EDU_DMA_START), 1000,
				  EDU_TIMEOUT_US);
}

static int edu_send(struct edu *edu, dma_addr_t addr)
{
	return edu_transfer(edu, addr, EDU_BUFFER, 0);
}

static int edu_receive(struct edu *edu, dma_addr_t addr)
{
	return edu_transfer(edu, EDU_BUFFER, addr, EDU_DMA_FROM_EDU);
}

/* A buffer of the driver's own, lent to the device for one transfer. */
static int edu_stream(struct edu *edu, void *data, enum dma_data_direction dir)
{
	struct device *dev = &edu->pdev->dev;
	dma_addr_t addr;
	int ret;

	addr = odma_map_single(dev, data, EDU_TRANSFER, dir);
	if (odma_mapping_error(dev, addr))
		return -ENOMEM;
	ret = dir == DMA_TO_DEVICE ? edu_send(edu, addr) :
				     edu_receive(edu, addr);
	odma_unmap_single(dev, addr, EDU_TRANSFER, dir);
	return ret;
}

/* There from a streaming buffer, back into coherent memory, and once more. */
static int edu_both_ways(struct edu *edu, void *out, void *in)
{
	int ret;

	ret = edu_stream(edu, out, DMA_TO_DEVICE);
	if (!ret)
		ret = edu_receive(edu, edu->shared_addr);
	if (!ret && memcmp(out, edu->shared, EDU_TRANSFER))
		ret = -EIO;
	get_random_bytes(edu->shared, EDU_TRANSFER);
	if (!ret)
		ret = edu_send(edu, edu->shared_addr);
	if (!ret)
		ret = edu_stream(edu, in, DMA_FROM_DEVICE);
	if (!ret && memcmp(in, edu->shared, EDU_TRANSFER))
		ret = -EIO;
	return ret;
}

/* Random bytes to the device and back: are they the same? */
static int edu_round_trip(struct edu *edu)
{
	u8 *out = kmalloc(EDU_TRANSFER, GFP_KERNEL | GFP_DMA);
	u8 *in = kzalloc(EDU_TRANSFER, GFP_KERNEL | GFP_DMA);
	int ret = -ENOMEM;

	if (out && in) {
		get_random_bytes(out, EDU_TRANSFER);
		mutex_lock(&edu->lock);
		ret = edu_both_ways(edu, out, in);
		mutex_unlock(&edu->lock);
	}
	kfree(in);
	kfree(out);
	return ret;
}

static ssize_t selftest_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	int ret = edu_round_trip(dev_get_drvdata(dev));

	return ret ? sysfs_emit(buf, "fail %d\n", ret) :
		     sysfs_emit(buf, "pass\n");
}
static DEVICE_ATTR_RO(selftest);

static struct attribute *edu_attrs[] = {
	&dev_attr_selftest.attr,
	NULL
};
ATTRIBUTE_GROUPS(edu);

static void edu_free_shared(void *data)
{
	struct edu *edu = data;

	odma_free_coherent(&edu->pdev->dev, EDU_TRANSFER, edu->shared,
			   edu->shared_addr);
}

static int edu_alloc_shared(struct edu *edu)
{
	struct device *dev = &edu->pdev->dev;

	edu->shared = odma_alloc_coherent(dev, EDU_TRANSFER, &edu->shared_addr,
					  GFP_KERNEL);
	if (!edu->shared)
		return -ENOMEM;
	return devm_add_action_or_reset(dev, edu_free_shared, edu);
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	int ret;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	mutex_init(&edu->lock);
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	ret = pcim_iomap_regions(pdev, BIT(0), "odma-edu");
	if (ret)
		return ret;
	edu->regs = pcim_iomap_table(pdev)[0];
	pci_set_drvdata(pdev, edu);

	ret = odma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
	if (ret)
		return dev_err_probe(&pdev->dev, ret, "no 28-bit DMA\n");
	ret = edu_alloc_shared(edu);
	if (ret)
		return ret;
	pci_set_master(pdev);
	ret = edu_round_trip(edu);
	if (ret)
		return dev_err_probe(&pdev->dev, ret, "DMA self-test failed\n");
	dev_info(&pdev->dev, "%d bytes by DMA to the device and back: the same\n",
		 EDU_TRANSFER);
	return 0;
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "odma-edu",
	.id_table = edu_ids,
	.probe = edu_probe,
	.dev_groups = edu_groups,
};
module_pci_driver(edu_driver);

MODULE_DESCRIPTION("Sample DMA driver for QEMU's edu device");
MODULE_LICENSE("GPL");
ODMA_IMPORT_NS;
