#include "level.h"

/* find - 0 nothing, 1 for all names, 2 for this domain or host. */
static int
find(struct routes const *r, char const *domain, char const *host, enum hop_tls *level)
{
	enum hop_tls of_host;
	size_t const by_domain = *domain ? routes_tls(r, domain, level) : 0;
	size_t by_host;

	if (by_domain > 1)
		return 2;
	by_host = routes_tls(r, host, &of_host);
	if (by_host)
		*level = of_host;
	return by_host > 1 ? 2 : by_domain || by_host;
}

enum hop_tls
level_base(struct routes const *r, char const *domain, char const *host, unsigned int port)
{
	enum hop_tls level = HOP_TLS_MAY;
	int const found = find(r, domain, host, &level);

	/* on port 465 there is nothing but TLS; who wants less than verified must name the host */
	if (port == LEVEL_IMPLICIT_PORT && found < 2 && level < HOP_TLS_VERIFY)
		return HOP_TLS_VERIFY;
	if (port == LEVEL_IMPLICIT_PORT && level == HOP_TLS_MAY)
		return HOP_TLS_MUST;
	return level;
}

static void
raise(struct hop *hop, enum hop_tls level)
{
	if (hop->tls < level)
		hop->tls = level;
}

void
level_set(struct hop *hop, enum hop_tls base, enum dane_result dane, struct sts_policy const *sts)
{
	hop->tls = base;
	hop->implicit = hop->port == LEVEL_IMPLICIT_PORT && base != HOP_TLS_NEVER;
	hop->anybody = base == HOP_TLS_MUST;
	hop->testing = 0;
	if (base == HOP_TLS_NEVER)
		return;
	if (dane == DANE_HOLDS || dane == DANE_UNUSABLE) {
		raise(hop, dane == DANE_HOLDS ? HOP_TLS_DANE : HOP_TLS_MUST);
		return;
	}
	if (!sts || sts->mode == STS_NONE)
		return;
	if (sts->mode == STS_ENFORCE) {
		raise(hop, HOP_TLS_VERIFY);
	} else if (base == HOP_TLS_MAY) {
		hop->testing = 1;
		raise(hop, HOP_TLS_VERIFY);
	}
}

void
level_plain(struct hop *hop)
{
	if (hop->tls == HOP_TLS_MAY || hop->testing) {
		hop->tls = HOP_TLS_NEVER;
		hop->testing = 0;
	}
}
