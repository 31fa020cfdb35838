#include "base64.h"

#include <string.h>

static char const alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_encode(char *to, char const *from, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i += 3) {
		size_t const some = len - i < 3 ? len - i : 3;
		unsigned int bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < some ? (unsigned char)from[i + k] : 0U);
		for (size_t k = 0; k < 4; k++)
			to[n++] = k <= some ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
	}
	return n;
}

/* value - of a digit, or -1. */
static int
value(char c)
{
	char const *const at = c ? strchr(alphabet, c) : 0;

	return at ? (int)(at - alphabet) : -1;
}

int
base64_decode(char *to, size_t *n, char const *from, size_t len)
{
	size_t pad = 0;

	*n = 0;
	if (len % 4)
		return 0;
	while (pad < 2 && pad < len && from[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i += 4) {
		size_t const some = i + 4 < len ? 3 : 3 - pad;
		unsigned int bits = 0;

		for (size_t k = 0; k < 4; k++) {
			int const v = k <= some ? value(from[i + k]) : 0;

			if (v == -1)
				return 0;
			bits = bits << 6 | (unsigned int)v;
		}
		if (bits & ((1U << (8 * (3 - some))) - 1))
			return 0;
		for (size_t k = 0; k < some; k++)
			to[(*n)++] = (char)(bits >> (16 - 8 * k) & 255);
	}
	return 1;
}
