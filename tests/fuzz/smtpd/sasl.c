/* Any octets from a client that logs in: the first step, then more, each behind its length. */

#include "sasl.h"

#include <string.h>

#include "../fuzz.h"

#define OWN "3rfcNHYJY1ZVvWVs7j012345"

static struct sasl sasl;

static void
look_at(enum sasl_what what)
{
	must(memchr(sasl.login, 0, sizeof sasl.login) != 0);
	must(memchr(sasl.password, 0, sizeof sasl.password) != 0);
	switch (what) {
	case SASL_CHECK: must(*sasl.login && *sasl.password); break;
	case SASL_KEYS: must(*sasl.login != 0); break;
	case SASL_PROOF:
		must(sasl.len < sizeof sasl.text && !memchr(sasl.text, 0, sasl.len));
		must(strstr(sasl.text, OWN) != 0);
		break;
	case SASL_CHALLENGE: must(sasl.len < 512 && !memchr(sasl.text, 0, sasl.len)); break;
	default: break;
	}
}

/* go_on - what the keeper would do; 0: the attempt is over. */
static int
go_on(enum sasl_what what)
{
	look_at(what);
	if (what == SASL_KEYS)
		what = sasl_salt(&sasl, "saltsaltsaltsalt", 16, 4096);
	else if (what == SASL_PROOF)
		what = sasl_signature(&sasl, "0123456789abcdef0123456789abcdef");
	look_at(what);
	(void)sasl_is_name(sasl.login);
	return what == SASL_CHALLENGE;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	int going = 1, first = 1;

	while (size && going) {
		size_t const len = *data < size - 1 ? *data : size - 1;
		char *const text = malloc(len ? len : 1); /* its end is guarded */

		must(text != 0);
		memcpy(text, data + 1, len);
		going = go_on(
		    first ? sasl_begin(&sasl, text, len, OWN, 1) : sasl_go(&sasl, text, len));
		first = 0;
		free(text);
		data += 1 + len;
		size -= 1 + len;
	}
	return 0;
}
