#include "bdat.h"

#include <strings.h>

#define SIZE_DIGITS 19 /* octets: what fits 64 bits whatever the digits */

int
bdat_parse(struct bdat *b, char const *arg, size_t len)
{
	size_t i = 0;

	*b = (struct bdat){ 0 };
	while (i < len && arg[i] >= '0' && arg[i] <= '9' && i <= SIZE_DIGITS)
		b->size = b->size * 10 + (uint64_t)(arg[i++] - '0');
	if (!i || i > SIZE_DIGITS)
		return 0;
	b->left = b->size;
	if (i == len)
		return 1;
	if (arg[i] != ' ')
		return 0;
	while (i < len && arg[i] == ' ')
		i++;
	b->last = len - i == 4 && !strncasecmp(arg + i, "LAST", 4);
	return b->last;
}

size_t
bdat_share(struct bdat *b, size_t len)
{
	size_t const n = len < b->left ? len : (size_t)b->left;

	b->left -= n;
	return n;
}
