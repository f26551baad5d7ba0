// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of backends.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/ctype.h>
#include <linux/kmod.h>
#include <linux/notifier.h>
#include "core.h"

LIST_HEAD(odma_backends);

static BLOCKING_NOTIFIER_HEAD(odma_backend_chain);

struct odma_backend *odma_find_backend(const char *name)
{
	struct odma_backend *b;

	lockdep_assert_held(&odma_mutex);
	list_for_each_entry(b, &odma_backends, node)
		if (!strcmp(b->name, name))
			return b;
	return NULL;
}

/**
 * odma_ask_for_backend() - have a backend's module loaded, if it is missing
 * @name: the backend's
 * @wait: until it is there, or can't be had
 *
 * Context: process context, odma_mutex not held.
 */
void odma_ask_for_backend(const char *name, bool wait)
{
	bool there;

	mutex_lock(&odma_mutex);
	there = odma_find_backend(name);
	mutex_unlock(&odma_mutex);
	if (!there && wait)
		request_module("odma-%s", name);
	else if (!there)
		request_module_nowait("odma-%s", name);
}

/* A name can be taken off a list without being the one that is on it. */
static bool odma_is_registered(const struct odma_backend *backend)
{
	struct odma_backend *b;

	lockdep_assert_held(&odma_mutex);
	list_for_each_entry(b, &odma_backends, node)
		if (b == backend)
			return true;
	return false;
}

/* It has to pass through a rule, a log line and a file name unharmed. */
bool odma_backend_name_ok(const char *name)
{
	size_t i, len = name ? strnlen(name, ODMA_BACKEND_NAME_MAX + 1) : 0;

	if (!len || len > ODMA_BACKEND_NAME_MAX || name[0] == '.')
		return false;
	for (i = 0; i < len; i++)
		if (!isascii(name[i]) || !(isalnum(name[i]) ||
					   strchr("-_.", name[i])))
			return false;
	return true;
}

static int odma_check_backend(const struct odma_backend *backend)
{
	const char *name = backend->name ?: "";

	if (!odma_backend_name_ok(name)) {
		pr_err("backend '%*pE' not registered: its name must be of 1 to %d letters, digits, '-', '_' and '.', and not begin with '.'\n",
		       (int)strnlen(name, ODMA_BACKEND_NAME_MAX), name,
		       ODMA_BACKEND_NAME_MAX);
		return -EINVAL;
	}
	if (!backend->ops || !odma_ops_complete(backend->ops)) {
		pr_err("backend '%s' not registered: it needs functions to map, unmap, alloc and free\n",
		       name);
		return -EINVAL;
	}
	return 0;
}

/**
 * __odma_register_backend() - offer a backend to rules and to odma_attach()
 * @backend: filled in by the caller, who keeps it until it is unregistered
 * @owner: the module that its functions are in
 *
 * To be called as odma_register_backend(), which knows the owner: with another
 * one, or none, rmmod could take the functions away under a device.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EINVAL where the name is no single word of at most
 * ODMA_BACKEND_NAME_MAX characters, or where map, unmap, alloc or free is
 * missing; -EEXIST where the name is taken. Each error is also a line in the
 * log.
 */
int __odma_register_backend(struct odma_backend *backend, struct module *owner)
{
	int ret = odma_check_backend(backend);

	if (ret)
		return ret;
	mutex_lock(&odma_mutex);
	if (odma_is_registered(backend)) {
		pr_err("backend '%s' not registered: it is already\n",
		       backend->name);
		ret = -EEXIST;
	} else if (odma_find_backend(backend->name)) {
		pr_err("backend '%s' not registered: there is another one of that name\n",
		       backend->name);
		ret = -EEXIST;
	} else {
		backend->owner = owner;
		list_add_tail(&backend->node, &odma_backends);
	}
	mutex_unlock(&odma_mutex);
	if (!ret)
		blocking_notifier_call_chain(&odma_backend_chain, 0, backend);
	return ret;
}
EXPORT_SYMBOL_GPL(__odma_register_backend);

/**
 * odma_hear_of_backends() - be told of each that is registered from now on
 * @nb: called with the backend, in process context, odma_mutex not held
 *
 * Context: process context.
 */
void odma_hear_of_backends(struct notifier_block *nb)
{
	blocking_notifier_chain_register(&odma_backend_chain, nb);
}

static struct odma_device *odma_user_of(const struct odma_backend *backend)
{
	struct odma_device *odev;

	lockdep_assert_held(&odma_mutex);
	list_for_each_entry(odev, &odma_devices, node)
		if (odev->backend == backend)
			return odev;
	return NULL;
}

/**
 * odma_unregister_backend() - take a backend back
 * @backend: a registered one
 *
 * Rules that name it stay, and fail at the next bind, with a message.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EBUSY while a device is attached to it, and it stays
 * registered; -ENOENT where it was not registered, whatever its name is. Each
 * error is also a line in the log.
 */
int odma_unregister_backend(struct odma_backend *backend)
{
	struct odma_device *user;
	int ret = 0;

	mutex_lock(&odma_mutex);
	user = odma_user_of(backend);
	if (!odma_is_registered(backend)) {
		const char *name = backend->name ?: "";

		pr_err("backend '%*pE' not unregistered: it was not registered\n",
		       (int)strnlen(name, ODMA_BACKEND_NAME_MAX), name);
		ret = -ENOENT;
	} else if (user) {
		pr_err("backend '%s' stays registered: %s is attached to it, detach it first\n",
		       backend->name, dev_name(user->dev));
		ret = -EBUSY;
	} else {
		list_del(&backend->node);
	}
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_unregister_backend);

/**
 * odma_attach_backend() - have a backend take its device
 * @odev: being attached, its backend chosen
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0 or what the backend said; -EINVAL where that is neither success nor
 * an error, with a line in the log.
 */
int odma_attach_backend(struct odma_device *odev)
{
	const struct odma_backend *backend = odev->backend;
	int ret = backend->attach ? backend->attach(odev) : 0;

	if (ret <= 0)
		return ret;
	pr_err("%s: backend '%s' answered %d to attach, where 0 is success and less an error (remedy: mend the backend)\n",
	       dev_name(odev->dev), backend->name, ret);
	return -EINVAL;
}
