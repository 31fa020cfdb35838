#ifndef LIB_RECORDS_H
#define LIB_RECORDS_H

/*
 * records - look a key up in a cdb that may be damaged: skalibs' cdb_find believes the
 * lengths that it reads there. No I/O: the cdb is memory.
 */

#include <stddef.h>

#include <skalibs/cdb.h>

/* records_find - 1 and *d, which lies inside the file; 0 not in it; -1 damaged. */
int records_find(cdb const *c, cdb_data *d, char const *key, size_t len);

#endif
