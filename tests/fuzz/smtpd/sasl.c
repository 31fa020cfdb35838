/* Any octets from a client that logs in: the first step, then more, each behind its length. */

#include "sasl.h"

#include <stdio.h>
#include <string.h>

#include "../fuzz.h"
#include "base64.h"

#define OWN "3rfcNHYJY1ZVvWVs7j012345"

static struct sasl sasl;

/* is_bound - c= is there, and its header says p if and only if there is a binding behind it. */
static int
is_bound(void)
{
	char octets[SASL_BOUND_MAX], text[4 + SASL_BOUND_MAX];
	char const *commas;
	size_t n;

	snprintf(text, sizeof text, ",c=%s,", sasl.bound);
	if (!strstr(sasl.text, text) || !base64_decode(octets, &n, sasl.bound, strlen(sasl.bound)))
		return 0;
	commas = memchr(octets, ',', n);
	commas = commas ? memchr(commas + 1, ',', n - (size_t)(commas + 1 - octets)) : 0;
	if (!commas)
		return 0;
	return (*octets == 'p') == (commas + 1 < octets + n) &&
	       (*octets == 'y') <= !*sasl.bindings && (*octets == 'p') <= (*sasl.bindings != 0);
}

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
		must(is_bound());
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
