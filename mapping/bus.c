// SPDX-License-Identifier: GPL-2.0
/*
 * Finding a bus by its name.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/device/bus.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include "core.h"

/*
 * Bus types are not to be had by name.  Every device of the system, though, is
 * in the kset that holds platform_bus, and knows its bus.
 */
static odma_bus_t odma_scan_for_bus(const char *name)
{
	struct kset *devices = platform_bus.kobj.kset;
	odma_bus_t bus = NULL;
	struct kobject *kobj;

	spin_lock(&devices->list_lock);
	list_for_each_entry(kobj, &devices->list, entry) {
		bus = kobj_to_dev(kobj)->bus;
		if (bus && !strcmp(bus->name, name))
			break;
		bus = NULL;
	}
	spin_unlock(&devices->list_lock);
	return bus;
}

/*
 * A bus type inside a module could go while we hold its notifier. Modules are
 * in vmalloc's memory, and on some architectures so is the kernel's image, in
 * pages that never were free.
 */
static bool odma_bus_is_module(odma_bus_t bus)
{
	unsigned long addr = (unsigned long)bus;

#ifdef MODULES_VADDR
	if (addr >= MODULES_VADDR && addr < MODULES_END)
		return true;
#endif
	return is_vmalloc_addr(bus) && !PageReserved(vmalloc_to_page(bus));
}

/**
 * odma_find_bus() - find a bus by name
 * @name: as in /sys/bus
 *
 * Context: process context.
 *
 * Return: the bus, or NULL.
 */
odma_bus_t odma_find_bus(const char *name)
{
#ifdef CONFIG_PCI
	if (!strcmp(name, pci_bus_type.name))
		return &pci_bus_type;
#endif
	if (!strcmp(name, platform_bus_type.name))
		return &platform_bus_type;
	return odma_scan_for_bus(name);
}

/**
 * odma_check_bus() - can a bus be watched?
 * @bus: the bus
 *
 * Context: process context.
 *
 * Return: 0; -ENODEV with a line in the log.
 */
int odma_check_bus(odma_bus_t bus)
{
	if (!odma_bus_is_module(bus))
		return 0;
	pr_err("bus '%s' is inside a module, which odma could not keep loaded\n",
	       bus->name);
	return -ENODEV;
}

/**
 * odma_get_bus() - find a bus that can be watched
 * @name: as in /sys/bus
 *
 * Context: process context.
 *
 * Return: the bus, or NULL (with a line in the log) where there is none.
 */
odma_bus_t odma_get_bus(const char *name)
{
	odma_bus_t bus = odma_find_bus(name);

	if (!bus)
		pr_err("no bus '%s' with a device on it (ls /sys/bus shows the names)\n",
		       name);
	return bus && !odma_check_bus(bus) ? bus : NULL;
}
