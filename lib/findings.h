#ifndef LIB_FINDINGS_H
#define LIB_FINDINGS_H

/*
 * findings - what control-check has to say: one line each on standard output, with control
 * octets made visible, and how many there were. I/O: only that output.
 */

#include <stddef.h>

enum finding {
	FINDING_ERROR,   /* a program will not start, or mail will not pass */
	FINDING_WARNING, /* perhaps not what was meant */
};

/* findings_add - say it, unless it was said already: a printf format and its arguments, "FILE:
 * what: remedy". */
void findings_add(enum finding kind, char const *format, ...) __attribute__((format(printf, 2, 3)));

/* findings_count - how many of this kind there have been. */
size_t findings_count(enum finding kind);

/* findings_print - a text as it is, but for control octets, and an end of line. */
void findings_print(char const *text);

#endif
