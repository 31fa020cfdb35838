#ifndef LIB_DATE_H
#define LIB_DATE_H

#include <stddef.h>
#include <time.h>

#define DATE_MAX 40 /* octets that date_rfc5322 writes at the most, NUL included */

/*
 * date_rfc5322 - "Tue, 24 Nov 2026 07:45:29 +0000" (RFC 5322 3.3), always in UTC:
 * a sandboxed program reads no zone file. A time before 1970 is
 * written as that year's first day, one after 9992 as a day of that year: years have four
 * digits. Returns its length; to is NUL-terminated.
 */
size_t date_rfc5322(char to[DATE_MAX], time_t when);

#endif
