/* Any octets as a path and as a mailbox: what is accepted must be canonical, and stay so. */

#include <string.h>

#include "../fuzz.h"
#include "address.h"

static void
check(struct address const *a, unsigned int flags)
{
	struct address again;
	char local[ADDRESS_LOCAL_MAX];

	must(a->len <= ADDRESS_MAX && a->at <= a->len && !a->text[a->len]);
	must(strlen(a->text) == a->len);
	must(a->at == a->len || a->text[a->at] == '@');
	for (size_t i = 0; i < a->len; i++)
		must((unsigned char)a->text[i] >= ' ' && a->text[i] != 0x7f);
	must(address_local(a, local) <= ADDRESS_LOCAL_MAX);
	if (!a->len)
		return;
	if (!(flags & ADDRESS_NO_DOMAIN_OK))
		flags |= ADDRESS_POSTMASTER_OK;
	must(address_parse(&again, a->text, a->len, flags) == ADDRESS_OK);
	must(again.len == a->len && !memcmp(again.text, a->text, a->len) && again.at == a->at);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	struct address a;
	size_t used = 0;
	unsigned int flags;

	if (!size)
		return 0;
	flags = data[0] & 31;
	if (address_parse_path(&a, (char const *)data + 1, size - 1, flags, &used) == ADDRESS_OK) {
		must(used <= size - 1);
		check(&a, flags);
	}
	if (address_parse(&a, (char const *)data + 1, size - 1, flags) == ADDRESS_OK)
		check(&a, flags);
	address_domain_is_valid((char const *)data + 1, size - 1, flags & 1, flags & 2);
	return 0;
}
