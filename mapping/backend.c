// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of backends.
 */
#define pr_fmt(fmt) "odma: " fmt

#include "core.h"

LIST_HEAD(odma_backends);

struct odma_backend *odma_find_backend(const char *name)
{
	struct odma_backend *b;

	lockdep_assert_held(&odma_mutex);
	list_for_each_entry(b, &odma_backends, node)
		if (!strcmp(b->name, name))
			return b;
	return NULL;
}

static bool odma_backend_name_ok(const char *name)
{
	return name && *name && !strpbrk(name, " \t\n,=/");
}

/**
 * odma_register_backend() - offer a backend to rules and to odma_attach()
 * @backend: filled in by the caller, who keeps it until it is unregistered
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EINVAL where the name is empty or no single word, or where
 * map, unmap, alloc or free is missing; -EEXIST where the name is taken.
 */
int odma_register_backend(struct odma_backend *backend)
{
	const struct dma_map_ops *ops = backend->ops;
	int ret = 0;

	if (!odma_backend_name_ok(backend->name) || !ops ||
	    !odma_ops_complete(ops)) {
		pr_err("backend '%s' not registered: it needs a one-word name and functions to map, unmap, alloc and free\n",
		       backend->name ?: "");
		return -EINVAL;
	}

	mutex_lock(&odma_mutex);
	if (odma_find_backend(backend->name)) {
		pr_err("backend '%s' not registered: there is one of that name\n",
		       backend->name);
		ret = -EEXIST;
	} else {
		list_add_tail(&backend->node, &odma_backends);
	}
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_register_backend);

/**
 * odma_unregister_backend() - take a backend back
 * @backend: a registered one
 *
 * Rules that name it stay, and fail at the next bind, with a message.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EBUSY while a device is attached to it, and it stays
 * registered; -ENOENT where it was not registered.
 */
int odma_unregister_backend(struct odma_backend *backend)
{
	struct odma_device *odev;
	int ret = 0;

	mutex_lock(&odma_mutex);
	list_for_each_entry(odev, &odma_devices, node) {
		if (odev->backend == backend) {
			pr_err("backend '%s' stays registered: %s is attached to it, detach it first\n",
			       backend->name, dev_name(odev->dev));
			ret = -EBUSY;
			goto unlock;
		}
	}
	if (odma_find_backend(backend->name) == backend) {
		list_del(&backend->node);
	} else {
		pr_err("backend '%s' was not registered\n", backend->name);
		ret = -ENOENT;
	}
unlock:
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_unregister_backend);
