/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of attached devices, under events/odma for trace-cmd and perf.
 *
 * A scatterlist gives one map or unmap event for each of its entries.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM odma

#if !defined(_TRACE_ODMA_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_ODMA_H

#include <linux/tracepoint.h>
#include <linux/dma-mapping.h>
#include <trace/events/mmflags.h>
#include <odma/compat.h>

TRACE_DEFINE_ENUM(DMA_BIDIRECTIONAL);
TRACE_DEFINE_ENUM(DMA_TO_DEVICE);
TRACE_DEFINE_ENUM(DMA_FROM_DEVICE);
TRACE_DEFINE_ENUM(DMA_NONE);

#define odma_show_dir(dir)				\
	__print_symbolic(dir,				\
		{ DMA_BIDIRECTIONAL, "bidirectional" },	\
		{ DMA_TO_DEVICE, "to-device" },		\
		{ DMA_FROM_DEVICE, "from-device" },	\
		{ DMA_NONE, "none" })

DECLARE_EVENT_CLASS(odma_attachment,
	TP_PROTO(struct device *dev, const char *backend, unsigned long flags),
	TP_ARGS(dev, backend, flags),
	TP_STRUCT__entry(
		__string(device, dev_name(dev))
		__string(backend, backend)
		__field(unsigned long, flags)
	),
	TP_fast_assign(
		odma_assign_str(device, dev_name(dev));
		odma_assign_str(backend, backend);
		__entry->flags = flags;
	),
	TP_printk("%s backend=%s flags=%#lx", __get_str(device),
		  __get_str(backend), __entry->flags)
);

DEFINE_EVENT(odma_attachment, odma_attach,
	TP_PROTO(struct device *dev, const char *backend, unsigned long flags),
	TP_ARGS(dev, backend, flags));

DEFINE_EVENT(odma_attachment, odma_detach,
	TP_PROTO(struct device *dev, const char *backend, unsigned long flags),
	TP_ARGS(dev, backend, flags));

TRACE_EVENT(odma_map,
	TP_PROTO(struct device *dev, phys_addr_t phys, dma_addr_t addr,
		 size_t size, enum dma_data_direction dir, unsigned long attrs),
	TP_ARGS(dev, phys, addr, size, dir, attrs),
	TP_STRUCT__entry(
		__string(device, dev_name(dev))
		__field(u64, phys)
		__field(u64, addr)
		__field(size_t, size)
		__field(enum dma_data_direction, dir)
		__field(unsigned long, attrs)
	),
	TP_fast_assign(
		odma_assign_str(device, dev_name(dev));
		__entry->phys = phys;
		__entry->addr = addr;
		__entry->size = size;
		__entry->dir = dir;
		__entry->attrs = attrs;
	),
	TP_printk("%s phys=%#llx dma=%#llx size=%zu dir=%s attrs=%#lx",
		  __get_str(device), __entry->phys, __entry->addr,
		  __entry->size, odma_show_dir(__entry->dir), __entry->attrs)
);

TRACE_EVENT(odma_unmap,
	TP_PROTO(struct device *dev, dma_addr_t addr, size_t size,
		 enum dma_data_direction dir, unsigned long attrs),
	TP_ARGS(dev, addr, size, dir, attrs),
	TP_STRUCT__entry(
		__string(device, dev_name(dev))
		__field(u64, addr)
		__field(size_t, size)
		__field(enum dma_data_direction, dir)
		__field(unsigned long, attrs)
	),
	TP_fast_assign(
		odma_assign_str(device, dev_name(dev));
		__entry->addr = addr;
		__entry->size = size;
		__entry->dir = dir;
		__entry->attrs = attrs;
	),
	TP_printk("%s dma=%#llx size=%zu dir=%s attrs=%#lx",
		  __get_str(device), __entry->addr, __entry->size,
		  odma_show_dir(__entry->dir), __entry->attrs)
);

TRACE_EVENT(odma_sync,
	TP_PROTO(struct device *dev, dma_addr_t addr, size_t size,
		 enum dma_data_direction dir, bool for_cpu),
	TP_ARGS(dev, addr, size, dir, for_cpu),
	TP_STRUCT__entry(
		__string(device, dev_name(dev))
		__field(u64, addr)
		__field(size_t, size)
		__field(enum dma_data_direction, dir)
		__field(bool, for_cpu)
	),
	TP_fast_assign(
		odma_assign_str(device, dev_name(dev));
		__entry->addr = addr;
		__entry->size = size;
		__entry->dir = dir;
		__entry->for_cpu = for_cpu;
	),
	TP_printk("%s for=%s dma=%#llx size=%zu dir=%s", __get_str(device),
		  __entry->for_cpu ? "cpu" : "device", __entry->addr,
		  __entry->size, odma_show_dir(__entry->dir))
);

DECLARE_EVENT_CLASS(odma_memory,
	TP_PROTO(struct device *dev, const void *cpu, dma_addr_t addr,
		 size_t size, gfp_t gfp, unsigned long attrs),
	TP_ARGS(dev, cpu, addr, size, gfp, attrs),
	TP_STRUCT__entry(
		__string(device, dev_name(dev))
		__field(const void *, cpu)
		__field(u64, addr)
		__field(size_t, size)
		__field(unsigned long, gfp)
		__field(unsigned long, attrs)
	),
	TP_fast_assign(
		odma_assign_str(device, dev_name(dev));
		__entry->cpu = cpu;
		__entry->addr = addr;
		__entry->size = size;
		__entry->gfp = (__force unsigned long)gfp;
		__entry->attrs = attrs;
	),
	TP_printk("%s cpu=%p dma=%#llx size=%zu gfp=%s attrs=%#lx",
		  __get_str(device), __entry->cpu, __entry->addr,
		  __entry->size, show_gfp_flags(__entry->gfp), __entry->attrs)
);

DEFINE_EVENT(odma_memory, odma_alloc,
	TP_PROTO(struct device *dev, const void *cpu, dma_addr_t addr,
		 size_t size, gfp_t gfp, unsigned long attrs),
	TP_ARGS(dev, cpu, addr, size, gfp, attrs));

DEFINE_EVENT(odma_memory, odma_free,
	TP_PROTO(struct device *dev, const void *cpu, dma_addr_t addr,
		 size_t size, gfp_t gfp, unsigned long attrs),
	TP_ARGS(dev, cpu, addr, size, gfp, attrs));

TRACE_EVENT(odma_failure,
	TP_PROTO(struct device *dev, u64 addr, size_t size, const char *why),
	TP_ARGS(dev, addr, size, why),
	TP_STRUCT__entry(
		__string(device, dev_name(dev))
		__string(why, why)
		__field(u64, addr)
		__field(size_t, size)
	),
	TP_fast_assign(
		odma_assign_str(device, dev_name(dev));
		odma_assign_str(why, why);
		__entry->addr = addr;
		__entry->size = size;
	),
	TP_printk("%s addr=%#llx size=%zu: %s", __get_str(device),
		  __entry->addr, __entry->size, __get_str(why))
);

#endif /* _TRACE_ODMA_H */

#include <trace/define_trace.h>
