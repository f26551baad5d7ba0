// SPDX-License-Identifier: GPL-2.0
/*
 * The slots and the copies of the bounce buffers, compiled once more for this
 * module, which works without odma-swiotlb.ko.
 */
#include "../../swiotlb/slots.c"
#include "../../swiotlb/copy.c"
