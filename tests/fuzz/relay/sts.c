/* Any text as an MTA-STS record, policy, file and request: what comes out is in bounds. */

#include <string.h>

#include "../fuzz.h"
#include "sts.h"

static void
check(struct sts_policy const *p)
{
	size_t at = 0;

	must(p->patternslen <= sizeof p->patterns && p->max_age <= STS_AGE_MAX);
	must(p->mode == STS_NONE || p->patternslen);
	while (at < p->patternslen) {
		char const *const pattern = p->patterns + at;
		char host[STS_DOMAIN_MAX + 2] = "x";

		at += strnlen(pattern, p->patternslen - at) + 1;
		must(at <= p->patternslen && *pattern && strlen(pattern) < STS_DOMAIN_MAX);
		strcpy(host + (*pattern == '*'), pattern + (*pattern == '*'));
		must(sts_matches(p, host));
	}
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static char again[STS_FILE_MAX];
	static struct sts_policy p;
	char const *const text = (char const *)data;
	char domain[STS_DOMAIN_MAX], id[STS_ID_MAX], packet[STS_REQUEST_MAX];
	struct sts_file f;
	size_t len;

	if (sts_record(id, text, size) == 1)
		must(*id && strlen(id) < STS_ID_MAX);
	if (sts_policy(&p, text, size))
		check(&p);
	if (sts_file_read(&f, text, size)) {
		must(f.policylen <= size);
		len = sts_file_write(again, &f);
		must(len && sts_file_read(&f, again, len));
		if (sts_file_is_valid(&f, 2000000000, &p))
			check(&p);
	}
	if (size <= sizeof packet && sts_request_read(text, size, domain, id)) {
		must(sts_domain_is_valid(domain) && !strchr(domain, '/') && *domain != '.');
		must(sts_request_write(packet, domain, id) == size);
		must(!memcmp(packet, text, size));
	}
	return 0;
}
