// SPDX-License-Identifier: GPL-2.0
/*
 * A small complete DMA driver, for QEMU's "edu" device.
 *
 * Nothing in it knows of odma. It is built twice: into odma-edu.ko with
 * <odma/redirect.h>, so that its dma_*() calls are odma_*() calls, and into
 * odma-edu-plain.ko without, as any driver is. A rule brings the device of
 * either under odma.
 *
 * The pattern for a driver of your own:
 *   - set the mask first, test every mapping, unmap what you mapped;
 *   - memory that CPU and device share for long is coherent, a buffer that
 *     changes hands for one transfer is a streaming mapping;
 *   - a driver can be unbound at any time: what an open file or a process's
 *     mapping refers to outlives that, the DMA memory does not.
 *
 * high=1 takes streaming buffers from anywhere in memory, for something to
 * bounce: odma-swiotlb.ko does. The device's files selftest and buffer tell
 * whether that works, and where the buffers were.
 *
 * /dev/odma-edu (or /dev/odma-edu-plain) has the coherent memory for mmap(2).
 * What is written to it goes to the device, which puts it into that memory.
 */
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "regs.h"

static bool high;
module_param(high, bool, 0644);
MODULE_PARM_DESC(high, "buffers from anywhere, the device's reach or not");

/* A device that is bound, or one that is gone and still has an open file. */
struct edu {
	struct kref ref;
	struct device *dev;
	void __iomem *regs;
	struct miscdevice misc;
	struct mutex lock;	/* one transfer at a time; taken in mmap() */
	bool gone;		/* the above, and the memory, are no longer */
	void *shared;		/* coherent, a page */
	dma_addr_t shared_addr;
	phys_addr_t buffer;	/* where the last self-test had one */
	struct mutex file_lock;	/* what follows; the mmap lock nests inside */
	struct file *file;	/* the one that is open, or NULL */
	struct mm_struct *mm;	/* of who opened it */
};

/* A buffer of the driver's own, lent to the device for one transfer. */
static int edu_stream(struct edu *edu, void *data, size_t len,
		      enum dma_data_direction dir)
{
	dma_addr_t addr;
	int ret;

	addr = dma_map_single(edu->dev, data, len, dir);
	if (dma_mapping_error(edu->dev, addr))
		return -ENOMEM;
	ret = edu_move(edu->regs, addr, len, dir);
	dma_unmap_single(edu->dev, addr, len, dir);
	return ret;
}

/* To the device from a streaming buffer, and back into coherent memory. */
static int edu_copy(struct edu *edu, void *data, size_t len)
{
	int ret = edu_stream(edu, data, len, DMA_TO_DEVICE);

	return ret ?: edu_move(edu->regs, edu->shared_addr, len,
			       DMA_FROM_DEVICE);
}

/* That way with random bytes, and the other way with others. */
static int edu_both_ways(struct edu *edu, void *out, void *in)
{
	int ret;

	ret = edu_copy(edu, out, EDU_TRANSFER);
	if (!ret && memcmp(out, edu->shared, EDU_TRANSFER))
		ret = -EIO;
	get_random_bytes(edu->shared, EDU_TRANSFER);
	if (!ret)
		ret = edu_move(edu->regs, edu->shared_addr, EDU_TRANSFER,
			       DMA_TO_DEVICE);
	if (!ret)
		ret = edu_stream(edu, in, EDU_TRANSFER, DMA_FROM_DEVICE);
	if (!ret && memcmp(in, edu->shared, EDU_TRANSFER))
		ret = -EIO;
	return ret;
}

/* GFP_DMA, as the device reaches 28 bits, and not everything bounces. */
static void *edu_alloc_buffer(void)
{
	return kzalloc(EDU_TRANSFER, high ? GFP_KERNEL : GFP_KERNEL | GFP_DMA);
}

/* Random bytes to the device and back: are they the same? */
static int edu_round_trip(struct edu *edu)
{
	u8 *out = edu_alloc_buffer();
	u8 *in = edu_alloc_buffer();
	int ret = -ENOMEM;

	if (out && in) {
		get_random_bytes(out, EDU_TRANSFER);
		mutex_lock(&edu->lock);
		edu->buffer = virt_to_phys(in);
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

static ssize_t buffer_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct edu *edu = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%#llx\n", (u64)edu->buffer);
}
static DEVICE_ATTR_ADMIN_RO(buffer);

static struct attribute *edu_attrs[] = {
	&dev_attr_selftest.attr,
	&dev_attr_buffer.attr,
	NULL
};
ATTRIBUTE_GROUPS(edu);

static void edu_release(struct kref *ref)
{
	struct edu *edu = container_of(ref, struct edu, ref);

	kfree(edu->misc.name);
	kfree(edu);
}

static void edu_put(void *data)
{
	struct edu *edu = data;

	kref_put(&edu->ref, edu_release);
}

/* misc_open() keeps misc_deregister(), and so the driver's unbinding, away. */
static int edu_open(struct inode *inode, struct file *file)
{
	struct edu *edu = container_of(file->private_data, struct edu, misc);
	int ret = -EBUSY;

	mutex_lock(&edu->file_lock);
	if (!edu->file) {
		kref_get(&edu->ref);
		mmgrab(current->mm);
		edu->mm = current->mm;
		edu->file = file;
		file->private_data = edu;
		ret = 0;
	}
	mutex_unlock(&edu->file_lock);
	return ret;
}

static int edu_close(struct inode *inode, struct file *file)
{
	struct edu *edu = file->private_data;

	mutex_lock(&edu->file_lock);
	mmdrop(edu->mm);
	edu->file = NULL;
	mutex_unlock(&edu->file_lock);
	edu_put(edu);
	return 0;
}

/* A page fault takes the mmap lock: so the user's data is read before ours. */
static ssize_t edu_write(struct file *file, const char __user *from, size_t len,
			 loff_t *pos)
{
	struct edu *edu = file->private_data;
	void *data;
	int ret = -ENODEV;

	if (!len || len > EDU_TRANSFER)
		return len ? -EINVAL : 0;
	data = edu_alloc_buffer();
	if (!data)
		return -ENOMEM;
	if (copy_from_user(data, from, len)) {
		kfree(data);
		return -EFAULT;
	}
	mutex_lock(&edu->lock);
	if (!edu->gone)
		ret = edu_copy(edu, data, len);
	mutex_unlock(&edu->lock);
	kfree(data);
	return ret ?: len;
}

/*
 * A private mapping would be a copy that the device does not write to. What
 * another process maps, edu_hide() would not know of.
 */
static int edu_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct edu *edu = file->private_data;
	int ret = -ENODEV;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_mm != edu->mm)
		return -EINVAL;
	mutex_lock(&edu->lock);
	if (!edu->gone)
		ret = dma_mmap_coherent(edu->dev, vma, edu->shared,
					edu->shared_addr, PAGE_SIZE);
	mutex_unlock(&edu->lock);
	return ret;
}

static const struct file_operations edu_fops = {
	.owner = THIS_MODULE,
	.open = edu_open,
	.release = edu_close,
	.write = edu_write,
	.mmap = edu_mmap,
};

/*
 * No process may see the memory once it is freed. An mmap() that has just come
 * too early to find the device gone is found by unmap_mapping_range() only when
 * it is through, and until then it holds the mmap lock.
 */
static void edu_hide(void *data)
{
	struct edu *edu = data;

	misc_deregister(&edu->misc);
	mutex_lock(&edu->lock);
	edu->gone = true;
	mutex_unlock(&edu->lock);

	mutex_lock(&edu->file_lock);
	if (edu->file) {
		mmap_write_lock(edu->mm);
		mmap_write_unlock(edu->mm);
		unmap_mapping_range(edu->file->f_mapping, 0, 0, true);
	}
	mutex_unlock(&edu->file_lock);
}

static int edu_show(struct edu *edu)
{
	char *name = kstrdup(KBUILD_MODNAME, GFP_KERNEL);
	int ret;

	edu->misc.minor = MISC_DYNAMIC_MINOR;
	edu->misc.fops = &edu_fops;
	edu->misc.parent = edu->dev;
	edu->misc.name = name;
	if (!name)
		return -ENOMEM;
	strreplace(name, '_', '-');
	ret = misc_register(&edu->misc);
	return ret ?: devm_add_action_or_reset(edu->dev, edu_hide, edu);
}

static void edu_free_shared(void *data)
{
	struct edu *edu = data;

	dma_free_coherent(edu->dev, PAGE_SIZE, edu->shared, edu->shared_addr);
}

static int edu_alloc_shared(struct edu *edu)
{
	edu->shared = dma_alloc_coherent(edu->dev, PAGE_SIZE,
					 &edu->shared_addr, GFP_KERNEL);
	if (!edu->shared)
		return -ENOMEM;
	return devm_add_action_or_reset(edu->dev, edu_free_shared, edu);
}

static struct edu *edu_new(struct device *dev)
{
	struct edu *edu = kzalloc(sizeof(*edu), GFP_KERNEL);

	if (!edu)
		return NULL;
	kref_init(&edu->ref);
	mutex_init(&edu->lock);
	mutex_init(&edu->file_lock);
	edu->dev = dev;
	return devm_add_action_or_reset(dev, edu_put, edu) ? NULL : edu;
}

/* What is acquired here is managed: given back in reverse order. */
static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu = edu_new(&pdev->dev);
	int ret;

	if (!edu)
		return -ENOMEM;
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	ret = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (ret)
		return ret;
	edu->regs = pcim_iomap_table(pdev)[0];
	pci_set_drvdata(pdev, edu);

	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
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
	return edu_show(edu);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR, EDU_DEVICE) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_ids,
	.probe = edu_probe,
	.dev_groups = edu_groups,
};
module_pci_driver(edu_driver);

MODULE_DESCRIPTION("Sample DMA driver for QEMU's edu device");
MODULE_LICENSE("GPL");
