// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/odma: rules in and out.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include "../coherent/coherent.h"
#include "core.h"

struct kobject *odma_kobj;
EXPORT_SYMBOL_GPL(odma_kobj);

static ssize_t attach_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	return odma_add_rule(buf) ?: count;
}

static struct kobj_attribute odma_attach_attr = __ATTR(attach, 0200, NULL,
						       attach_store);

static ssize_t detach_store(struct kobject *kobj, struct kobj_attribute *attr,
			    const char *buf, size_t count)
{
	return odma_remove_rule(buf) ?: count;
}

static struct kobj_attribute odma_detach_attr = __ATTR(detach, 0200, NULL,
						       detach_store);

static ssize_t check_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t count)
{
	return odma_check_rule(buf) ?: count;
}

static struct kobj_attribute odma_check_attr = __ATTR(check, 0200, NULL,
						      check_store);

/* As long as they like: a plain attribute ends with its page. */
static ssize_t odma_rules_read(struct file *file, struct kobject *kobj,
			       ODMA_BIN_ATTR_CONST struct bin_attribute *attr,
			       char *buf, loff_t off, size_t count)
{
	return odma_show_text(&odma_rules_text, file, buf, off, count);
}

static ssize_t odma_attachments_read(struct file *file, struct kobject *kobj,
				     ODMA_BIN_ATTR_CONST
				     struct bin_attribute *attr, char *buf,
				     loff_t off, size_t count)
{
	return odma_show_text(&odma_attachments_text, file, buf, off,
			      count);
}

static struct bin_attribute odma_rules_attr = {
	.attr = { .name = "rules", .mode = 0400 },
	.read = odma_rules_read,
};

static struct bin_attribute odma_attachments_attr = {
	.attr = { .name = "attachments", .mode = 0400 },
	.read = odma_attachments_read,
};

static ODMA_BIN_ATTR_LIST struct bin_attribute *odma_bin_attrs[] = {
	&odma_rules_attr,
	&odma_attachments_attr,
	NULL
};

static ssize_t backends_show(struct kobject *kobj, struct kobj_attribute *attr,
			     char *buf)
{
	struct odma_backend *backend;
	int len = 0;

	mutex_lock(&odma_mutex);
	list_for_each_entry(backend, &odma_backends, node)
		len += sysfs_emit_at(buf, len, "%s\n", backend->name);
	mutex_unlock(&odma_mutex);
	return len;
}

static struct kobj_attribute odma_backends_attr = __ATTR(backends, 0400,
							 backends_show, NULL);

static ssize_t global_pool_show(struct kobject *kobj,
				struct kobj_attribute *attr, char *buf)
{
	return odma_show_global_pool(buf);
}

static ssize_t global_pool_store(struct kobject *kobj,
				 struct kobj_attribute *attr, const char *buf,
				 size_t count)
{
	char *text = kstrndup(buf, count, GFP_KERNEL);
	int ret;

	if (!text)
		return -ENOMEM;
	ret = odma_set_global_pool(strim(text));
	kfree(text);
	return ret ?: count;
}

static struct kobj_attribute odma_global_pool_attr =
	__ATTR(global_pool, 0600, global_pool_show, global_pool_store);

static struct attribute *odma_attrs[] = {
	&odma_attach_attr.attr,
	&odma_detach_attr.attr,
	&odma_check_attr.attr,
	&odma_backends_attr.attr,
	&odma_global_pool_attr.attr,
	NULL
};

static const struct attribute_group odma_group = {
	.attrs = odma_attrs,
	.bin_attrs = odma_bin_attrs,
};

int odma_sysfs_init(void)
{
	int ret;

	odma_kobj = kobject_create_and_add("odma", kernel_kobj);
	if (!odma_kobj)
		return -ENOMEM;
	ret = sysfs_create_group(odma_kobj, &odma_group);
	if (ret)
		kobject_put(odma_kobj);
	return ret;
}

void odma_sysfs_exit(void)
{
	kobject_put(odma_kobj);
	odma_drop_text(&odma_rules_text);
	odma_drop_text(&odma_attachments_text);
}
