#ifndef DELIVER_SOURCE_H
#define DELIVER_SOURCE_H

/*
 * source - the text files that deliver-users and deliver-aliases compile: reading them,
 * and saying what is wrong in them. Does I/O: reads, and writes to the log.
 */

#include <stddef.h>

#include <skalibs/stralloc.h>

/*
 * source_read - all there is of an open file into text, at most max octets: 1, 0 longer,
 * -1 with errno.
 */
int source_read(int fd, stralloc *text, size_t max);

/* source_say - log one finding about a line of a file: event is "error" or "warning". */
void source_say(char const *event, char const *file, size_t line, char const *what);

#endif
