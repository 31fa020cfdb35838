#ifndef LIB_BASE64_H
#define LIB_BASE64_H

/* base64 - RFC 4648 4. No I/O, no memory of its own. */

#include <stddef.h>

#define BASE64_SIZE(n) (((n) + 2) / 3 * 4) /* octets that encode n of them */

/* base64_encode - into to[BASE64_SIZE(len)]; how many. */
size_t base64_encode(char *to, char const *from, size_t len);

/*
 * base64_decode - into to[len / 4 * 3], which may be from itself: 1 and *n octets; 0 if it is
 * not exactly that: another length, another octet, padding elsewhere than at the end, or bits
 * that mean nothing and are not zero.
 */
int base64_decode(char *to, size_t *n, char const *from, size_t len);

#endif
