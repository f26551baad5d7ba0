# SPDX-License-Identifier: GPL-2.0
"""What is compared with what, and how cheap odma has to be.

A row names what the kernel does and what odma does, each as group,
implementation, case and the operations whose costs are summed. A target is the
ratio that odma must not exceed.
"""

from collections import namedtuple

Row = namedtuple("Row", "title what kernel odma target")


def compare(title, group, case, ops, target=None, kernel="kernel", odma=None):
    """One row; @odma is the group of odma's side where it is another one."""
    return Row(
        title,
        f"{case}: {' + '.join(ops)}",
        (group, kernel, case, ops),
        (odma or group, "odma", case, ops),
        target,
    )


# Page tables

TABLES = "Page tables: io-pgtable-arm, and odma's library"
LIST = "64 scattered pages"
FILLS = ("10", "1,000", "100,000", "1,000,000")


def tables(case, *ops, target=None):
    return compare(TABLES, "tables", case, ops, target)


def both_ways(case, target=None):
    """Batches of maps and of unmaps, what they are together, and in turns."""
    return [
        tables(case, "map"),
        tables(case, "unmap"),
        tables(case, "map", "unmap", target=target),
        tables(case, "pair", target=target),
    ]


PAGE_TABLES = [
    *both_ways("4K x 1", 0.5),
    *both_ways("4K x 512", 0.2),
    *both_ways("2M x 1", 0.6),
    *both_ways("1G x 1"),
    tables("4K x 1", "lookup"),
    # The kernel has no call for a list: one map a page.
    tables(LIST, "map", target=0.3),
    tables(LIST, "unmap"),
    tables(LIST, "unmap each"),
    *(tables(f"4K x 1, {pages} mapped", "pair", target=0.5) for pages in FILLS),
]

# The DMA API

SINGLES = (
    "4K, bidirectional",
    "4K, to device",
    "4K, from device",
    "256 B, bidirectional",
    "256 B, to device",
)
LISTS = ("64 x 4K, scattered", "64 x 4K, contiguous")
MEMORY = ("coherent 4K", "coherent 64K")
LIVE = ("pair, 1,000 live", "pair, 10,000 live", "pair, 100,000 live")


def streaming(title, group, **sides):
    return [
        *(compare(title, group, case, ("pair",), **sides) for case in SINGLES),
        compare(title, group, SINGLES[0], ("map",), **sides),
        compare(title, group, SINGLES[0], ("unmap",), **sides),
        *(compare(title, group, case, ("map", "unmap"), **sides) for case in LISTS),
    ]


def memory(title, group, **sides):
    return [compare(title, group, case, ("alloc", "free"), **sides) for case in MEMORY]


def live(title, group, **sides):
    return [compare(title, group, SINGLES[0], (op,), **sides) for op in LIVE]


def all_of(title, group, **sides):
    return streaming(title, group, **sides) + memory(title, group, **sides)


DIRECT = "direct: dma-direct, and odma's"
SWIOTLB = "bouncing: swiotlb=force, and 'swiotlb force'"
STRICT = "strict: dma-iommu, and 'iommu strict'; neither has hardware"
LAZY = "lazy: dma-iommu, and 'iommu lazy'; neither has hardware"
SHADOW = "strict dma-iommu, and 'iommu shadow'; neither has hardware"
SMMU_STRICT = "strict: dma-iommu over an SMMUv3; odma's without hardware"
SMMU_LAZY = "lazy: dma-iommu over an SMMUv3; odma's without hardware"

DMA = [
    *all_of(DIRECT, "direct"),
    *all_of(SWIOTLB, "swiotlb"),
    *all_of(STRICT, "strict"),
    *live(STRICT, "strict"),
    *all_of(LAZY, "lazy"),
    *live(LAZY, "lazy"),
    *streaming(SHADOW, "strict", odma="shadow"),
    *all_of(SMMU_STRICT, "strict", kernel="smmu"),
    *all_of(SMMU_LAZY, "lazy", kernel="smmu"),
]

ROWS = PAGE_TABLES + DMA
