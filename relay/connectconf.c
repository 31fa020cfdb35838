#include "connectconf.h"

#include <string.h>
#include <sys/socket.h>

#include "hosts.h"

/* A number: its file, default and bounds. */
struct number {
	char const *name;
	unsigned int standard, min, max;
};

static unsigned int
number(struct control *c, struct number const *n)
{
	uint64_t value = n->standard;

	if (control_number(c, n->name, &value, n->min, n->max) == -1)
		control_die(c);
	return (unsigned int)value;
}

/* host - a host's name, or what is there already. */
static void
host(struct control *c, char const *name, char to[NAMES_MAX])
{
	stralloc line = STRALLOC_ZERO;
	int r = control_line(c, name, &line);

	if (r == 1 && !names_ascii(to, line.s, line.len))
		r = control_bad(c, name, "is no host name: write one, such as mail.example.org");
	if (r == -1)
		control_die(c);
	stralloc_free(&line);
}

/* add_from - one address of outgoingip: null, or what is wrong. */
static char const *
add_from(struct connectconf *conf, char const *entry, size_t len)
{
	struct ip ip;
	struct ip *to;

	if (!names_ip(&ip, entry, len))
		return "is no address: write an IPv4 or IPv6 address";
	to = conf->from + (ip.family == AF_INET6);
	if (to->family)
		return "is one more of its kind: write one IPv4 and one IPv6 address at the most";
	*to = ip;
	return 0;
}

static void
outgoingip(struct control *c, struct connectconf *conf)
{
	stralloc list = STRALLOC_ZERO;
	char const *entry, *wrong;
	size_t len, pos = 0;

	if (control_list(c, "outgoingip", &list, 0) == -1)
		control_die(c);
	for (size_t i = 0; (entry = control_next(&list, &pos, &len)); i++) {
		wrong = add_from(conf, entry, len);
		if (wrong) {
			control_bad_entry(c, "outgoingip", i, wrong);
			control_die(c);
		}
	}
	stralloc_free(&list);
}

void
connectconf_read(struct connectconf *conf, struct control *c)
{
	*conf = (struct connectconf){ 0 };
	if (routes_read(&conf->routes, c) == -1)
		control_die(c);
	host(c, "me", conf->me);
	memcpy(conf->helohost, conf->me, sizeof conf->helohost);
	host(c, "helohost", conf->helohost);
	outgoingip(c, conf);
	conf->timeout = number(c, &(struct number){ "timeoutconnect", 30, 1, 600 });
	conf->port = number(c, &(struct number){ "remoteport", 25, 1, 65535 });
	conf->concurrency = number(c, &(struct number){ "concurrencyperhost", 10, 1, HOSTS_COUNT });
	conf->rate = number(c, &(struct number){ "ratehost", 0, 0, 1000000 });
	conf->trustad = number(c, &(struct number){ "trustad", 0, 0, 1 }) == 1;
	conf->mtasts = number(c, &(struct number){ "mtasts", 1, 0, 1 }) == 1;
}
