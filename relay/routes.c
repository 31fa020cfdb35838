#include "routes.h"

#include <string.h>

#include "smtproutes.h"

static char const too_many[] = "is one port more than can be opened: use no more than 64 "
			       "different ones";
static char const no_name[] = "has a host whose name DNS cannot hold: write another";

/* to_route - the host as it will be looked up: 1, or 0 no such name can be in DNS. */
static int
to_route(struct route *to, struct smtproute const *from)
{
	to->port = from->port;
	to->is_ip = names_ip(&to->ip, from->host, from->hostlen);
	if (to->is_ip)
		names_ip_text(to->host, &to->ip);
	return to->is_ip || names_ascii(to->host, from->host, from->hostlen);
}

/* note_port - 1, or 0 there are too many. */
static int
note_port(struct routes *r, unsigned int port)
{
	for (size_t i = 0; i < r->ports; i++)
		if (r->port[i] == port)
			return 1;
	if (r->ports == ROUTES_PORTS_MAX)
		return 0;
	r->port[r->ports++] = (uint16_t)port;
	return 1;
}

static char const *
check_smtp(struct routes *r, char const *entry, size_t len)
{
	struct smtproute parsed;
	struct route route;
	char const *const wrong = smtproutes_parse(&parsed, entry, len);

	if (wrong)
		return wrong;
	if (parsed.hostlen && !to_route(&route, &parsed))
		return no_name;
	return !parsed.port || note_port(r, parsed.port) ? 0 : too_many;
}

static char const *
check_tls(struct routes *r, char const *entry, size_t len)
{
	struct smtproute parsed;
	int level;

	(void)r;
	return tlsroutes_parse(&parsed, &level, entry, len);
}

static int
read_list(struct routes *r, struct control *c, char const *name, stralloc *list,
    char const *(*check)(struct routes *, char const *, size_t))
{
	char const *entry, *wrong;
	size_t len, pos = 0;

	if (control_list(c, name, list, 1) == -1)
		return -1;
	for (size_t i = 0; (entry = control_next(list, &pos, &len)); i++) {
		wrong = check(r, entry, len);
		if (wrong)
			return control_bad_entry(c, name, i, wrong);
	}
	return 1;
}

int
routes_read(struct routes *r, struct control *c)
{
	*r = (struct routes){ 0 };
	if (read_list(r, c, "smtproutes", &r->smtp, check_smtp) == -1)
		return -1;
	return read_list(r, c, "tlsroutes", &r->tls, check_tls);
}

int
routes_find(struct routes const *r, char const *domain, char const *ascii, struct route *route)
{
	struct smtproute parsed, best = { 0 };
	char const *entry;
	size_t len, pos = 0, fits, most = 0;

	while ((entry = control_next(&r->smtp, &pos, &len))) {
		if (smtproutes_parse(&parsed, entry, len))
			continue;
		fits = smtproutes_fits(&parsed, domain);
		if (smtproutes_fits(&parsed, ascii) > fits)
			fits = smtproutes_fits(&parsed, ascii);
		if (fits > most) {
			most = fits;
			best = parsed;
		}
	}
	return best.hostlen && to_route(route, &best);
}

char const *
routes_target(struct route *route, char const *text)
{
	struct smtproute parsed;
	char const *const wrong = smtproutes_target(&parsed, text, strlen(text));

	if (wrong)
		return wrong;
	return to_route(route, &parsed) ? 0 : no_name;
}

size_t
routes_tls(struct routes const *r, char const *name, enum hop_tls *level)
{
	struct smtproute parsed;
	char const *entry;
	size_t len, pos = 0, fits, most = 0;
	int n;

	while ((entry = control_next(&r->tls, &pos, &len))) {
		if (tlsroutes_parse(&parsed, &n, entry, len))
			continue;
		fits = smtproutes_fits(&parsed, name);
		if (fits > most) {
			most = fits;
			*level = (enum hop_tls)n;
		}
	}
	return most;
}
