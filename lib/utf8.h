#ifndef LIB_UTF8_H
#define LIB_UTF8_H

#include <stddef.h>

/*
 * utf8_size - octets (2 to 4) of the UTF-8 character at p, 0 if there is none there
 * (RFC 3629 4) or if it is ASCII. What steers a terminal or ends a line for a reader
 * (C1 controls, U+2028 to U+202E, U+2066 to U+2069) is refused with the malformed: it
 * names no one. p is before end.
 */
size_t utf8_size(char const *p, char const *end);

#endif
