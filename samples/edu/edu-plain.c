// SPDX-License-Identifier: GPL-2.0
/*
 * The same driver once more, for a module that knows nothing of odma: Kbuild
 * compiles a source once, and edu.c is compiled for the other module.
 */
#include "edu.c"
