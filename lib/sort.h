#ifndef LIB_SORT_H
#define LIB_SORT_H

/*
 * sort - an array in order, in place. No I/O, no memory. The C library's qsort(3) is not
 * called: for more than a few items it asks the kernel how much memory there is, and a
 * sandbox that knows nothing of that kills the program.
 */

#include <stddef.h>

#define SORT_SIZE_MAX 64 /* octets of an item */

/*
 * sort_items - count items of size octets; compare and context as for qsort_r(3). Items
 * that compare equal end in any order.
 */
void sort_items(void *items, size_t count, size_t size,
    int (*compare)(void const *, void const *, void *), void *context);

#endif
