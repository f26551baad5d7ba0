// SPDX-License-Identifier: GPL-2.0
/*
 * The type of a device's IOMMU group: translated by the kernel, or not.
 *
 * No exported function changes it. A write to the group's file "type" in sysfs
 * does, and ends in a function that the group's kobject leads to: it is called
 * here as kernfs would call it. Neither a path nor a mount takes part.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/iommu.h>
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/pci.h>
#include <linux/sysfs.h>
#include <odma/driver.h>
#include "core.h"

#ifdef CONFIG_IOMMU_API

/**
 * odma_kernel_translates() - does a device reach memory through an IOMMU?
 * @dev: any device
 *
 * Context: process context.
 */
bool odma_kernel_translates(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	if (odma_kernel_uses_dma_iommu(dev))
		return true;
	return domain && domain->type != IOMMU_DOMAIN_IDENTITY;
}

/*
 * struct odma_group_file - a file of a group in sysfs
 *
 * Good for as long as the group is referenced: that keeps the kobject, and what
 * attributes it has is in the kernel's image.
 */
struct odma_group_file {
	struct kobject *kobj;
	struct attribute *attr;
};

static struct kernfs_node *odma_find_node(struct kernfs_node *dir,
					  const char *name,
					  enum kernfs_node_type type)
{
	struct kernfs_node *kn = kernfs_find_and_get(dir, name);

	if (kn && kernfs_type(kn) == type)
		return kn;
	kernfs_put(kn);
	return NULL;
}

static struct kernfs_node *odma_group_dir(struct iommu_group *group)
{
	struct kernfs_node *groups, *dir;
	char id[12];

	groups = odma_find_node(kernel_kobj->sd, "iommu_groups", KERNFS_DIR);
	if (!groups)
		return NULL;
	snprintf(id, sizeof(id), "%d", iommu_group_id(group));
	dir = odma_find_node(groups, id, KERNFS_DIR);
	kernfs_put(groups);
	return dir;
}

static int odma_find_type_file(struct iommu_group *group,
			       struct odma_group_file *file)
{
	struct kernfs_node *dir = odma_group_dir(group);
	struct kernfs_node *kn;
	int ret = -ENOENT;

	if (!dir)
		return ret;
	kn = odma_find_node(dir, "type", KERNFS_FILE);
	if (kn) {
		file->kobj = dir->priv;
		file->attr = kn->priv;
		ret = 0;
	}
	kernfs_put(kn);
	kernfs_put(dir);
	return ret;
}

static int odma_show_type(struct iommu_group *group, char *type, size_t len)
{
	struct odma_group_file file;
	char *page;
	ssize_t n;
	int ret;

	ret = odma_find_type_file(group, &file);
	if (ret)
		return ret;
	/* What a file of sysfs says is written to a page. */
	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	n = file.kobj->ktype->sysfs_ops->show(file.kobj, file.attr, page);
	if (n >= 0)
		n = strscpy(type, strim(page), len);
	free_page((unsigned long)page);
	return min_t(ssize_t, n, 0);
}

static int odma_store_type(struct iommu_group *group, const char *type)
{
	struct odma_group_file file;
	ssize_t n;
	int ret;

	ret = odma_find_type_file(group, &file);
	if (ret)
		return ret;
	n = file.kobj->ktype->sysfs_ops->store(file.kobj, file.attr, type,
					       strlen(type));
	return min_t(ssize_t, n, 0);
}

/*
 * struct odma_group_view - what hinders a group from changing its type
 * @except:	a device whose driver does not matter, or NULL
 * @devices:	how many the group has
 * @untrusted:	one of them was plugged in from outside
 * @users:	the devices that are bound, with their drivers
 */
struct odma_group_view {
	const struct device *except;
	unsigned int devices;
	bool untrusted;
	int len;
	char users[160];
};

static int odma_view_device(struct device *dev, void *data)
{
	struct odma_group_view *view = data;
	const struct device_driver *drv;

	view->devices++;
#ifdef CONFIG_PCI
	if (dev_is_pci(dev) && to_pci_dev(dev)->untrusted)
		view->untrusted = true;
#endif
	if (dev == view->except)
		return 0;
	/* It may be unbound meanwhile; its module goes after a grace period. */
	rcu_read_lock();
	drv = READ_ONCE(dev->driver);
	if (drv && !odma_driver_manages_dma(dev, drv))
		view->len += scnprintf(view->users + view->len,
				       sizeof(view->users) - view->len,
				       " %s (%s)", dev_name(dev), drv->name);
	rcu_read_unlock();
	return 0;
}

/* Says what hinders it and what to do, and returns an error; or 0. */
static int odma_group_hindered(struct device *dev, struct iommu_group *group,
			       const char *type, const struct device *except)
{
	struct odma_group_view view = { .except = except };

	iommu_group_for_each_dev(group, &view, odma_view_device);
	if (view.untrusted && !strcmp(type, "identity")) {
		pr_err("%s: its IOMMU group %d can't become '%s': the kernel always translates what can be plugged in from outside (remedy: attach it to 'iommu')\n",
		       dev_name(dev), iommu_group_id(group), type);
		return -EOPNOTSUPP;
	}
	if (view.devices > 1 && ODMA_GROUP_TYPE_NEEDS_ONE_DEVICE) {
		pr_err("%s: its IOMMU group %d can't become '%s': it has %u devices, and this kernel changes only groups of one (remedy: boot with iommu=pt, or attach it to 'iommu')\n",
		       dev_name(dev), iommu_group_id(group), type,
		       view.devices);
		return -EOPNOTSUPP;
	}
	if (view.len) {
		pr_err("%s: its IOMMU group %d can't become '%s' while drivers use it:%s (remedy: unbind them first, or boot with iommu=pt)\n",
		       dev_name(dev), iommu_group_id(group), type, view.users);
		return -EBUSY;
	}
	return 0;
}

/*
 * A domain that is nobody's default belongs to who has put it there. Some
 * kernels would put the new default into its place, under live mappings.
 */
static int odma_group_taken(struct device *dev, struct iommu_group *group,
			    const char *type)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	if (!domain || domain->type != IOMMU_DOMAIN_UNMANAGED)
		return 0;
	pr_err("%s: its IOMMU group %d can't become '%s': it is translated on somebody's behalf (remedy: detach what is attached to 'iommu' in it, or unbind who hands it to user space)\n",
	       dev_name(dev), iommu_group_id(group), type);
	return -EBUSY;
}

/* The kernel's own words, if any, don't say who hinders it or what to do. */
static int odma_group_refused(struct device *dev, struct iommu_group *group,
			      const char *type, int error)
{
	const char *remedy = "boot with iommu=pt, or attach it to 'iommu'";
	int ret = odma_group_hindered(dev, group, type, NULL);

	if (ret)
		return ret;
	if (strcmp(type, "identity"))
		remedy = "write it to iommu_group/type with no driver bound";
	pr_err("%s: its IOMMU group %d can't become '%s': error %d%s (remedy: %s)\n",
	       dev_name(dev), iommu_group_id(group), type, error,
	       error == -EACCES ? ", which asks for CAP_SYS_RAWIO" : "",
	       remedy);
	return error;
}

static int odma_change_type(struct device *dev, struct iommu_group *group,
			    const char *type)
{
	char old[16] = "";
	int ret;

	ret = odma_show_type(group, old, sizeof(old));
	if (!ret && !strcmp(old, type))
		return 0;
	if (odma_group_taken(dev, group, type))
		return -EBUSY;
	ret = odma_store_type(group, type);
	if (ret)
		return odma_group_refused(dev, group, type, ret);
	pr_info("%s: its IOMMU group %d went from '%s' to '%s'\n",
		dev_name(dev), iommu_group_id(group), old, type);
	return 0;
}

/**
 * odma_group_type() - what a device's IOMMU group is by default
 * @dev: any device
 * @type: set to "DMA", "DMA-FQ", "identity", ...
 * @len: of @type, 16 is enough
 *
 * Context: process context, may sleep; with or without device_lock().
 *
 * Return: 0; -ENODEV where @dev is in no group; -ENOMEM, -E2BIG.
 */
int odma_group_type(struct device *dev, char *type, size_t len)
{
	struct iommu_group *group = iommu_group_get(dev);
	int ret;

	if (!group)
		return -ENODEV;
	ret = odma_show_type(group, type, len);
	iommu_group_put(group);
	return ret;
}

/**
 * odma_group_set_type() - change what a device's IOMMU group is by default
 * @dev: a device without a driver; none of its group is attached
 * @type: "identity", or what odma_group_type() said before
 *
 * The kernel sets its own DMA code up again for the group's devices: that would
 * take away what odma has put under one. The caller needs the capabilities that
 * a write to the file asks for.
 *
 * Context: process context, may sleep. Neither device_lock() of a device of the
 * group is held, which some kernels take here, nor odma_mutex, which comes
 * after it.
 *
 * Return: 0, also where the group is of that type; -ENODEV where @dev is in no
 * group; -EBUSY where drivers use the group or somebody else's domain is in
 * force, -EOPNOTSUPP where the kernel won't have it for such a group, or what
 * the kernel said: -EACCES, -EINVAL, ... Each error is also a line in the log,
 * with a remedy.
 */
int odma_group_set_type(struct device *dev, const char *type)
{
	struct iommu_group *group = iommu_group_get(dev);
	int ret;

	if (!group) {
		pr_err("%s: it is in no IOMMU group that could become '%s'\n",
		       dev_name(dev), type);
		return -ENODEV;
	}
	ret = odma_change_type(dev, group, type);
	iommu_group_put(group);
	return ret;
}

/**
 * odma_group_can_be_identity() - could the kernel stop translating a device?
 * @dev: any device; its own driver is taken for unbound
 *
 * Changes nothing. What is said holds for as long as nobody binds a driver.
 *
 * Context: process context, may sleep; with or without device_lock().
 *
 * Return: 0, also where the kernel does not translate it; -ENODEV where @dev is
 * in no group; -EBUSY where drivers use other devices of the group or somebody
 * else's domain is in force, -EOPNOTSUPP where the kernel won't have it. Each
 * error but -ENODEV is also a line in the log, with a remedy.
 */
int odma_group_can_be_identity(struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);
	char type[16];
	int ret;

	if (!group)
		return -ENODEV;
	ret = odma_show_type(group, type, sizeof(type));
	if (!ret && strcmp(type, "identity"))
		ret = odma_group_taken(dev, group, "identity") ?:
		      odma_group_hindered(dev, group, "identity", dev);
	iommu_group_put(group);
	return ret;
}

#else /* !CONFIG_IOMMU_API */

bool odma_kernel_translates(struct device *dev)
{
	return false;
}

int odma_group_type(struct device *dev, char *type, size_t len)
{
	return -ENODEV;
}

int odma_group_set_type(struct device *dev, const char *type)
{
	return -ENODEV;
}

int odma_group_can_be_identity(struct device *dev)
{
	return -ENODEV;
}

#endif
