// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU's "edu" device as a rogue: it is told to reach for memory that its
 * driver has not lent to it, and the bytes that this moves are counted.
 *
 * The device's file "moved" makes all attempts and has a line for each. Nothing
 * in here says what the numbers should be: without an IOMMU everything moves.
 *
 * The file "unmapped" has the driver be the one that is wrong: it unmaps what
 * was never mapped, and what it has unmapped already. How much of its other
 * mappings the device still gets to, and how many addresses two mappings have
 * in common, is what it says.
 *
 * The file "doorbell" maps a page again and again, and says how many of the
 * addresses are such that writing there is an interrupt.
 *
 * firmware= and firmware_size= say where firmware has memory that the device
 * uses, which nobody maps for it (an RMRR, on x86). The file "firmware" tries
 * both ends of it, and what is right beside; "given" is as "doorbell" is, for
 * mappings that get one of its addresses.
 *
 * fail=1 lets the probe fail, when it has used the device. bits=32 is for a
 * device that QEMU has given dma_mask=0xffffffff.
 */
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include "regs.h"

static bool fail;
module_param(fail, bool, 0644);
MODULE_PARM_DESC(fail, "end the probe with an error");

static unsigned int bits = 28;
module_param(bits, uint, 0444);
MODULE_PARM_DESC(bits, "address bits of the device");

static unsigned long firmware;
module_param(firmware, ulong, 0444);
MODULE_PARM_DESC(firmware, "physical address of firmware's memory");

static unsigned long firmware_size;
module_param(firmware_size, ulong, 0444);
MODULE_PARM_DESC(firmware_size, "... and its bytes");

/* What is lent to the device, in the middle of a page that is not. */
#define ROGUE_OFFSET	1024
#define ROGUE_SIZE	512

/* On x86 what a device writes there never gets to memory. */
#define ROGUE_DOORBELL		0xfee00000
#define ROGUE_DOORBELL_END	0xfef00000
/* More than fit between there and the end of 32 bits. */
#define ROGUE_MAPPINGS		8192

enum rogue_loan {
	ROGUE_NEVER,	/* lent to nobody: the physical address is tried */
	ROGUE_LENT,
	ROGUE_RETURNED,	/* lent, used, and taken back */
};

struct rogue_attempt {
	const char *name;
	enum rogue_loan loan;
	enum dma_data_direction lent_for;
	enum dma_data_direction tried;
	int offset;	/* from what is lent */
};

static const struct rogue_attempt rogue_attempts[] = {
	{ "lent-read", ROGUE_LENT, DMA_TO_DEVICE, DMA_TO_DEVICE },
	{ "lent-write", ROGUE_LENT, DMA_FROM_DEVICE, DMA_FROM_DEVICE },
	{ "never-read", ROGUE_NEVER, DMA_NONE, DMA_TO_DEVICE },
	{ "never-write", ROGUE_NEVER, DMA_NONE, DMA_FROM_DEVICE },
	{ "returned-read", ROGUE_RETURNED, DMA_TO_DEVICE, DMA_TO_DEVICE },
	{ "returned-write", ROGUE_RETURNED, DMA_FROM_DEVICE, DMA_FROM_DEVICE },
	{ "read-only-write", ROGUE_LENT, DMA_TO_DEVICE, DMA_FROM_DEVICE },
	{ "write-only-read", ROGUE_LENT, DMA_FROM_DEVICE, DMA_TO_DEVICE },
	{ "beside-read", ROGUE_LENT, DMA_TO_DEVICE, DMA_TO_DEVICE,
	  -ROGUE_SIZE },
	{ "beside-write", ROGUE_LENT, DMA_FROM_DEVICE, DMA_FROM_DEVICE,
	  -ROGUE_SIZE },
};

/*
 * Every byte of the page, and every byte of the device's memory, has a value
 * that nothing had for a hundred times before: so what is found elsewhere has
 * been moved there now.
 */
struct rogue {
	struct device *dev;
	void __iomem *regs;
	struct mutex lock;	/* one look at the file at a time */
	u8 *page;
	u8 *shared;		/* coherent */
	dma_addr_t shared_addr;
	u8 ours;		/* 1 to 127; the device's is this, plus 128 */
	int error;		/* the device does not answer, ... */
};

static void rogue_move(struct rogue *rogue, dma_addr_t addr,
		       enum dma_data_direction dir)
{
	int ret = edu_move(rogue->regs, addr, ROGUE_SIZE, dir);

	rogue->error = rogue->error ?: ret;
}

static void rogue_fill_device(struct rogue *rogue)
{
	memset(rogue->shared, rogue->ours + 128, ROGUE_SIZE);
	rogue_move(rogue, rogue->shared_addr, DMA_TO_DEVICE);
}

static void rogue_fill(struct rogue *rogue)
{
	rogue->ours = rogue->ours % 127 + 1;
	memset(rogue->page, rogue->ours, PAGE_SIZE);
	rogue_fill_device(rogue);
}

static unsigned int rogue_count(const u8 *bytes, u8 value)
{
	unsigned int i, found = 0;

	for (i = 0; i < ROGUE_SIZE; i++)
		found += bytes[i] == value;
	return found;
}

static dma_addr_t rogue_lend(struct rogue *rogue, void *data,
			     enum dma_data_direction dir)
{
	dma_addr_t addr = dma_map_single(rogue->dev, data, ROGUE_SIZE, dir);

	if (dma_mapping_error(rogue->dev, addr))
		rogue->error = -ENOMEM;
	return addr;
}

/* How many bytes has the device got to, one way or the other? */
static unsigned int rogue_found(struct rogue *rogue, const u8 *tried,
				enum dma_data_direction dir)
{
	if (dir == DMA_FROM_DEVICE)
		return rogue_count(tried, rogue->ours + 128);
	rogue_move(rogue, rogue->shared_addr, DMA_FROM_DEVICE);
	return rogue_count(rogue->shared, rogue->ours);
}

static unsigned int rogue_try(struct rogue *rogue,
			      const struct rogue_attempt *attempt)
{
	u8 *lent = rogue->page + ROGUE_OFFSET;
	dma_addr_t addr = virt_to_phys(lent);

	rogue_fill(rogue);
	if (attempt->loan != ROGUE_NEVER)
		addr = rogue_lend(rogue, lent, attempt->lent_for);
	if (rogue->error)
		return 0;
	if (attempt->loan == ROGUE_RETURNED) {
		/* The IOMMU remembers the address from now on. */
		rogue_move(rogue, addr, attempt->tried);
		dma_unmap_single(rogue->dev, addr, ROGUE_SIZE,
				 attempt->lent_for);
		rogue_fill(rogue);
	}
	rogue_move(rogue, addr + attempt->offset, attempt->tried);
	if (attempt->loan == ROGUE_LENT)
		dma_unmap_single(rogue->dev, addr, ROGUE_SIZE,
				 attempt->lent_for);
	return rogue_found(rogue, lent + attempt->offset, attempt->tried);
}

static ssize_t moved_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct rogue *rogue = dev_get_drvdata(dev);
	ssize_t len = 0;
	unsigned int i;
	int error;

	mutex_lock(&rogue->lock);
	rogue->error = 0;
	for (i = 0; i < ARRAY_SIZE(rogue_attempts) && !rogue->error; i++)
		len += sysfs_emit_at(buf, len, "%s %u\n",
				     rogue_attempts[i].name,
				     rogue_try(rogue, &rogue_attempts[i]));
	error = rogue->error;
	mutex_unlock(&rogue->lock);
	return error ?: len;
}
static DEVICE_ATTR_ADMIN_RO(moved);

/* What wrong unmaps must not harm. */
#define ROGUE_LIVE	8
/* What one table of pages translates, on x86 and with 4 KiB pages elsewhere */
#define ROGUE_TABLE	0x200000

static void rogue_return(struct rogue *rogue, dma_addr_t addr)
{
	dma_unmap_single(rogue->dev, addr, ROGUE_SIZE, DMA_TO_DEVICE);
}

/* How many bytes does the device read of these mappings? */
static unsigned int rogue_read(struct rogue *rogue, const dma_addr_t *addrs,
			       unsigned int count)
{
	unsigned int i, read = 0;

	for (i = 0; i < count; i++) {
		rogue_fill_device(rogue);
		rogue_move(rogue, addrs[i], DMA_TO_DEVICE);
		read += rogue_found(rogue, NULL, DMA_TO_DEVICE);
	}
	return read;
}

/*
 * Where there is not even a table, and less than one table's reach below what
 * is alive.
 */
static unsigned int rogue_unmap_never(struct rogue *rogue)
{
	dma_addr_t addrs[ROGUE_LIVE], lowest = DMA_MAPPING_ERROR;
	unsigned int i, read;

	rogue_fill(rogue);
	for (i = 0; i < ROGUE_LIVE && !rogue->error; i++) {
		addrs[i] = rogue_lend(rogue, rogue->page, DMA_TO_DEVICE);
		lowest = min(lowest, addrs[i]);
	}
	if (rogue->error)
		return 0;
	dma_unmap_single(rogue->dev, round_down(lowest, ROGUE_TABLE) -
			 PAGE_SIZE, 64, DMA_TO_DEVICE);
	read = rogue_read(rogue, addrs, ROGUE_LIVE);
	for (i = 0; i < ROGUE_LIVE; i++)
		rogue_return(rogue, addrs[i]);
	return read;
}

/* What two mappings have in common after that: nothing, and both are there. */
static unsigned int rogue_unmap_twice(struct rogue *rogue, unsigned int *read)
{
	unsigned int i, same = 0;
	dma_addr_t addr, addrs[2];

	rogue_fill(rogue);
	addr = rogue_lend(rogue, rogue->page, DMA_TO_DEVICE);
	if (rogue->error)
		return 0;
	rogue_return(rogue, addr);
	rogue_return(rogue, addr);
	for (i = 0; i < 2; i++)
		addrs[i] = rogue_lend(rogue, rogue->page, DMA_TO_DEVICE);
	if (rogue->error)
		return 0;
	same = addrs[0] == addrs[1];
	*read = rogue_read(rogue, addrs, 2);
	rogue_return(rogue, addrs[0]);
	if (!same)
		rogue_return(rogue, addrs[1]);
	return same;
}

static ssize_t unmapped_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct rogue *rogue = dev_get_drvdata(dev);
	unsigned int never, same, twice = 0;
	int error;

	mutex_lock(&rogue->lock);
	rogue->error = 0;
	never = rogue_unmap_never(rogue);
	same = rogue_unmap_twice(rogue, &twice);
	error = rogue->error;
	mutex_unlock(&rogue->lock);
	return error ?: sysfs_emit(buf, "never %u\ntwice %u\nsame %u\n", never,
				   twice, same);
}
static DEVICE_ATTR_ADMIN_RO(unmapped);

/* By the physical address: it is firmware that has it mapped, or nobody. */
static unsigned int rogue_try_memory(struct rogue *rogue, unsigned long addr,
				     enum dma_data_direction dir)
{
	u8 *memory = memremap(addr, ROGUE_SIZE, MEMREMAP_WB);
	unsigned int found;

	if (!memory) {
		rogue->error = -ENOMEM;
		return 0;
	}
	rogue_fill(rogue);
	memset(memory, rogue->ours, ROGUE_SIZE);
	rogue_move(rogue, addr, dir);
	found = rogue_found(rogue, memory, dir);
	memunmap(memory);
	return found;
}

static ssize_t firmware_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	const struct {
		const char *name;
		unsigned long addr;
	} places[] = {
		{ "first", firmware },
		{ "last", firmware + firmware_size - ROGUE_SIZE },
		{ "before", firmware - ROGUE_SIZE },
		{ "behind", firmware + firmware_size },
	};
	struct rogue *rogue = dev_get_drvdata(dev);
	unsigned int i, read, written;
	ssize_t len = 0;
	int error;

	mutex_lock(&rogue->lock);
	rogue->error = firmware_size < ROGUE_SIZE ? -ENXIO : 0;
	for (i = 0; i < ARRAY_SIZE(places) && !rogue->error; i++) {
		read = rogue_try_memory(rogue, places[i].addr, DMA_TO_DEVICE);
		written = rogue_try_memory(rogue, places[i].addr,
					   DMA_FROM_DEVICE);
		len += sysfs_emit_at(buf, len, "%s-read %u\n%s-write %u\n",
				     places[i].name, read, places[i].name,
				     written);
	}
	error = rogue->error;
	mutex_unlock(&rogue->lock);
	return error ?: len;
}
static DEVICE_ATTR_ADMIN_RO(firmware);

static unsigned int rogue_map_all(struct rogue *rogue, dma_addr_t *addrs)
{
	unsigned int i;

	for (i = 0; i < ROGUE_MAPPINGS; i++) {
		addrs[i] = dma_map_single(rogue->dev, rogue->page, ROGUE_SIZE,
					  DMA_TO_DEVICE);
		if (dma_mapping_error(rogue->dev, addrs[i]))
			break;
	}
	return i;
}

static ssize_t rogue_report_given(struct rogue *rogue, dma_addr_t *addrs,
				  dma_addr_t start, dma_addr_t end, char *buf)
{
	unsigned int i, above = 0, inside = 0, below = 0;
	unsigned int mapped = rogue_map_all(rogue, addrs);

	for (i = 0; i < mapped; i++) {
		if (addrs[i] >= end)
			above++;
		else if (addrs[i] >= start)
			inside++;
		else
			below++;
		dma_unmap_single(rogue->dev, addrs[i], ROGUE_SIZE,
				 DMA_TO_DEVICE);
	}
	return sysfs_emit(buf, "above %u\ninside %u\nbelow %u\n", above,
			  inside, below);
}

/* Of many mappings, how many are between these addresses? */
static ssize_t rogue_show_given(struct device *dev, dma_addr_t start,
				dma_addr_t end, char *buf)
{
	struct rogue *rogue = dev_get_drvdata(dev);
	dma_addr_t *addrs;
	ssize_t ret;

	addrs = kvcalloc(ROGUE_MAPPINGS, sizeof(*addrs), GFP_KERNEL);
	if (!addrs)
		return -ENOMEM;
	mutex_lock(&rogue->lock);
	ret = rogue_report_given(rogue, addrs, start, end, buf);
	mutex_unlock(&rogue->lock);
	kvfree(addrs);
	return ret;
}

static ssize_t doorbell_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return rogue_show_given(dev, ROGUE_DOORBELL, ROGUE_DOORBELL_END, buf);
}
static DEVICE_ATTR_ADMIN_RO(doorbell);

static ssize_t given_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return rogue_show_given(dev, firmware, firmware + firmware_size, buf);
}
static DEVICE_ATTR_ADMIN_RO(given);

static struct attribute *rogue_attrs[] = {
	&dev_attr_moved.attr,
	&dev_attr_unmapped.attr,
	&dev_attr_doorbell.attr,
	&dev_attr_firmware.attr,
	&dev_attr_given.attr,
	NULL
};
ATTRIBUTE_GROUPS(rogue);

/* GFP_DMA, as the device may reach 28 bits only. */
static int rogue_alloc(struct rogue *rogue)
{
	rogue->page = (u8 *)devm_get_free_pages(rogue->dev,
						GFP_KERNEL | GFP_DMA, 0);
	rogue->shared = dmam_alloc_coherent(rogue->dev, ROGUE_SIZE,
					    &rogue->shared_addr, GFP_KERNEL);
	return rogue->page && rogue->shared ? 0 : -ENOMEM;
}

static int rogue_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	struct rogue *rogue = devm_kzalloc(dev, sizeof(*rogue), GFP_KERNEL);
	int ret;

	if (!rogue)
		return -ENOMEM;
	mutex_init(&rogue->lock);
	rogue->dev = dev;
	ret = pcim_enable_device(pdev);
	if (!ret)
		ret = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (!ret)
		ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(bits));
	if (!ret)
		ret = rogue_alloc(rogue);
	if (ret)
		return ret;
	rogue->regs = pcim_iomap_table(pdev)[0];
	pci_set_drvdata(pdev, rogue);
	pci_set_master(pdev);
	rogue_fill(rogue);
	if (fail)
		return -ENODEV;
	return rogue->error;
}

static const struct pci_device_id rogue_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, rogue_ids);

static struct pci_driver rogue_driver = {
	.name = KBUILD_MODNAME,
	.id_table = rogue_ids,
	.probe = rogue_probe,
	.dev_groups = rogue_groups,
};
module_pci_driver(rogue_driver);

MODULE_DESCRIPTION("QEMU's edu device reaching for memory that is not its own");
MODULE_LICENSE("GPL");
