// SPDX-License-Identifier: GPL-2.0
/*
 * A driver of QEMU's "edu" device that misbehaves on purpose: what it allocated
 * and mapped outlives it. No driver should be written like that, but some are,
 * as pages that a socket holds, or memory that a process has open, come back
 * when their driver has long gone. This is not a driver to copy from.
 *
 * The device's file "selftest" has bytes go to the device and back by what this
 * driver has now; "addresses" are those of its mapping and its allocations.
 *
 * When the driver goes, what it has stays, with bytes in the mapping that
 * nobody has synced. The module's parameter let_go ends it from a workqueue:
 *
 *	unmap	the mapping; "wrong" counts bytes that are not what was written
 *	free	the allocations, and the page pool's pages
 *	all	both
 *	forget	nothing is freed or unmapped, ever
 *
 * "left" is how many times a driver has gone whose things are still there.
 * leave=0 has the driver behave, and fail=1 lets the probe fail at its end;
 * pool_pages= is of how many pages a page pool's are in use all the time.
 */
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "leaver.h"
#include "regs.h"

static bool fail;
module_param(fail, bool, 0644);
MODULE_PARM_DESC(fail, "end the probe with an error");

static bool leave = true;
module_param(leave, bool, 0644);
MODULE_PARM_DESC(leave, "leave things behind");

static unsigned int bits = 28;
module_param(bits, uint, 0444);
MODULE_PARM_DESC(bits, "address bits of the device");

static unsigned int pool_pages;
module_param(pool_pages, uint, 0644);
MODULE_PARM_DESC(pool_pages, "pages of a page pool to have in use");

static unsigned int left;
module_param(left, uint, 0444);
MODULE_PARM_DESC(left, "how many drivers' things are left");

static unsigned int wrong;
module_param(wrong, uint, 0444);
MODULE_PARM_DESC(wrong, "bytes that the unmaps did not bring");

/* Three pages, so that neither a page nor a power of two is all that works. */
#define LEAVER_SHARED	(3 * PAGE_SIZE)

enum leaver_end {
	LEAVER_UNMAP = BIT(0),
	LEAVER_FREE = BIT(1),
	LEAVER_ALL = LEAVER_UNMAP | LEAVER_FREE,
	LEAVER_FORGET = BIT(2),
};

struct leaver {
	struct list_head node;
	struct device *dev;	/* referenced by what is left */
	void __iomem *regs;
	u8 *data;		/* streaming, from the device */
	dma_addr_t data_addr;
	bool mapped;
	u8 *shared;		/* coherent */
	dma_addr_t shared_addr;
	struct page *page;	/* of dma_alloc_pages() */
	dma_addr_t page_addr;
	struct leaver_pool *pool;
	u8 value;		/* what the device wrote last, 0 if nothing */
};

static LIST_HEAD(leaver_list);
static DEFINE_MUTEX(leaver_mutex);	/* for the list, and what counts it */
static unsigned int leaver_what;

/* The device has these bytes, and writes them to the mapping. */
static int leaver_move(struct leaver *l, u8 value)
{
	int ret;

	memset(l->data, 0, EDU_TRANSFER);
	memset(l->shared, value, EDU_TRANSFER);
	dma_sync_single_for_device(l->dev, l->data_addr, PAGE_SIZE,
				   DMA_FROM_DEVICE);
	ret = edu_move(l->regs, l->shared_addr, EDU_TRANSFER, DMA_TO_DEVICE);
	if (!ret)
		ret = edu_move(l->regs, l->data_addr, EDU_TRANSFER,
			       DMA_FROM_DEVICE);
	l->value = ret ? 0 : value;
	return ret;
}

static unsigned int leaver_count_wrong(const struct leaver *l)
{
	unsigned int i, count = 0;

	for (i = 0; i < EDU_TRANSFER; i++)
		count += l->data[i] != l->value;
	return count;
}

static ssize_t selftest_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct leaver *l = dev_get_drvdata(dev);
	int ret = -EIO;

	mutex_lock(&leaver_mutex);
	if (!leaver_move(l, l->value % 127 + 1)) {
		dma_sync_single_for_cpu(dev, l->data_addr, PAGE_SIZE,
					DMA_FROM_DEVICE);
		ret = leaver_count_wrong(l);
	}
	mutex_unlock(&leaver_mutex);
	if (ret < 0)
		return ret;
	return sysfs_emit(buf, "%d wrong\n", ret);
}
static DEVICE_ATTR_ADMIN_RO(selftest);

static ssize_t addresses_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	const struct leaver *l = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%pad %pad %pad\n", &l->data_addr,
			  &l->shared_addr, &l->page_addr);
}
static DEVICE_ATTR_ADMIN_RO(addresses);

static struct attribute *leaver_attrs[] = {
	&dev_attr_selftest.attr,
	&dev_attr_addresses.attr,
	NULL
};
ATTRIBUTE_GROUPS(leaver);

static void leaver_unmap(struct leaver *l)
{
	if (!l->mapped)
		return;
	dma_unmap_single(l->dev, l->data_addr, PAGE_SIZE, DMA_FROM_DEVICE);
	l->mapped = false;
	if (l->value)
		wrong += leaver_count_wrong(l);
}

static void leaver_free(struct leaver *l)
{
	if (l->shared)
		dma_free_coherent(l->dev, LEAVER_SHARED, l->shared,
				  l->shared_addr);
	if (l->page)
		dma_free_pages(l->dev, PAGE_SIZE, l->page, l->page_addr,
			       DMA_BIDIRECTIONAL);
	if (l->pool)
		leaver_pool_return(l->pool);
	l->shared = NULL;
	l->page = NULL;
	l->pool = NULL;
}

/* Also of a probe that did not get all of it. */
static void leaver_end(struct leaver *l)
{
	leaver_unmap(l);
	leaver_free(l);
	free_page((unsigned long)l->data);
	kfree(l);
}

static void leaver_leave(struct leaver *l)
{
	get_device(l->dev);
	mutex_lock(&leaver_mutex);
	list_add_tail(&l->node, &leaver_list);
	left++;
	mutex_unlock(&leaver_mutex);
}

/* What is forgotten is lost with its memory: somebody may still write there. */
static void leaver_part(struct leaver *l, unsigned int what)
{
	struct device *dev = l->dev;

	if (what & LEAVER_UNMAP)
		leaver_unmap(l);
	if (what & LEAVER_FREE)
		leaver_free(l);
	if (what != LEAVER_FORGET && (l->mapped || l->shared))
		return;
	list_del(&l->node);
	left--;
	if (what != LEAVER_FORGET)
		leaver_end(l);
	put_device(dev);
}

static void leaver_work(struct work_struct *work)
{
	struct leaver *l, *next;

	mutex_lock(&leaver_mutex);
	list_for_each_entry_safe(l, next, &leaver_list, node)
		leaver_part(l, leaver_what);
	mutex_unlock(&leaver_mutex);
}

static DECLARE_WORK(leaver_let_go, leaver_work);

static int leaver_set_let_go(const char *word, const struct kernel_param *kp)
{
	if (sysfs_streq(word, "unmap"))
		leaver_what = LEAVER_UNMAP;
	else if (sysfs_streq(word, "free"))
		leaver_what = LEAVER_FREE;
	else if (sysfs_streq(word, "all"))
		leaver_what = LEAVER_ALL;
	else if (sysfs_streq(word, "forget"))
		leaver_what = LEAVER_FORGET;
	else
		return -EINVAL;
	schedule_work(&leaver_let_go);
	flush_work(&leaver_let_go);
	return 0;
}

static const struct kernel_param_ops leaver_let_go_ops = {
	.set = leaver_set_let_go,
};
module_param_cb(let_go, &leaver_let_go_ops, NULL, 0200);
MODULE_PARM_DESC(let_go, "unmap, free, all or forget what is left");

static int leaver_fill_pool(struct leaver *l)
{
	struct leaver_pool *pool;

	if (!pool_pages)
		return 0;
	pool = leaver_pool_create(l->dev, pool_pages);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	l->pool = pool;
	return 0;
}

/* GFP_DMA, as the device may reach 28 bits only. */
static int leaver_alloc(struct leaver *l)
{
	l->data = (u8 *)__get_free_page(GFP_KERNEL | GFP_DMA);
	l->shared = dma_alloc_coherent(l->dev, LEAVER_SHARED, &l->shared_addr,
				       GFP_KERNEL);
	l->page = dma_alloc_pages(l->dev, PAGE_SIZE, &l->page_addr,
				  DMA_BIDIRECTIONAL, GFP_KERNEL);
	if (!l->data || !l->shared || !l->page)
		return -ENOMEM;
	l->data_addr = dma_map_single(l->dev, l->data, PAGE_SIZE,
				      DMA_FROM_DEVICE);
	l->mapped = !dma_mapping_error(l->dev, l->data_addr);
	return l->mapped ? 0 : -ENOMEM;
}

/* The driver goes. */
static void leaver_go(struct leaver *l, bool leaving)
{
	if (l->pool)
		leaver_pool_destroy(l->pool);
	if (leaving)
		leaver_leave(l);
	else
		leaver_end(l);
}

static int leaver_use(struct leaver *l)
{
	int ret = leaver_alloc(l);

	if (!ret)
		ret = leaver_fill_pool(l);
	if (!ret)
		ret = leaver_move(l, 1);
	if (!ret && !fail)
		return 0;
	leaver_go(l, !ret && leave);
	return ret ?: -ENODEV;
}

static int leaver_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct leaver *l;
	int ret;

	ret = pcim_enable_device(pdev);
	if (!ret)
		ret = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (!ret)
		ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(bits));
	if (ret)
		return ret;
	/* Not managed: it stays. */
	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return -ENOMEM;
	l->dev = &pdev->dev;
	l->regs = pcim_iomap_table(pdev)[0];
	pci_set_drvdata(pdev, l);
	pci_set_master(pdev);
	return leaver_use(l);
}

/* The last bytes are not what any test before has written. */
static void leaver_remove(struct pci_dev *pdev)
{
	struct leaver *l = pci_get_drvdata(pdev);

	l->value = 0;
	if (pci_device_is_present(pdev))
		leaver_move(l, 0xa5);
	leaver_go(l, leave);
}

static const struct pci_device_id leaver_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, leaver_ids);

static struct pci_driver leaver_driver = {
	.name = KBUILD_MODNAME,
	.id_table = leaver_ids,
	.probe = leaver_probe,
	.remove = leaver_remove,
	.dev_groups = leaver_groups,
};

static int __init leaver_init(void)
{
	return pci_register_driver(&leaver_driver);
}
module_init(leaver_init);

/* Its functions go, and somebody has to end what is left. */
static void __exit leaver_exit(void)
{
	pci_unregister_driver(&leaver_driver);
	leaver_set_let_go("all", NULL);
}
module_exit(leaver_exit);

MODULE_DESCRIPTION("QEMU's edu device with a driver that leaves things behind");
MODULE_LICENSE("GPL");
