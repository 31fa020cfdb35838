#include "reach.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "dial.h"
#include "level.h"
#include "log.h"

#define TICKET_WAIT 10000000 /* microseconds that a message waits for its turn here */

static char const *const level_names[] = { "never", "may", "must", "verify", "dane" };

static uint64_t
now(void)
{
	return (uint64_t)time(0);
}

static struct plan_host *
host(struct reach *r)
{
	return r->way.plan.host + r->at.host;
}

static struct plan_address *
address(struct reach *r)
{
	return host(r)->address + r->at.address;
}

/* ---- one address */

/* prepare - r->hop for the address that the plan names. */
static void
prepare(struct reach *r)
{
	r->hop = host(r)->hop;
	names_ip_text(r->hop.ip, &address(r)->ip);
	r->is_on = 1;
	r->is_good = 0;
}

/* is_free - whether it may be connected to now. What is known of it goes into *note. */
static int
is_free(struct reach *r, struct hosts_note *note)
{
	struct connectconf const *const conf = r->way.conf;
	struct ip const *const ip = &address(r)->ip;

	hosts_look(&r->hosts, ip, r->hop.port, now(), note);
	/* who names a host himself wants it tried */
	if (note->down && r->way.is_mail && !address(r)->claimed) {
		verdict_note(&r->verdict, VERDICT_LEFT, "Z4.4.1",
		    "%s[%s]: it failed a short while ago, and is left alone for now", r->hop.host,
		    r->hop.ip);
		return 0;
	}
	if (!hosts_enter(&r->hosts, ip, r->hop.port, conf->concurrency)) {
		verdict_note(&r->verdict, VERDICT_BUSY, "Z4.4.5",
		    "%s[%s]: %u connections are open there already", r->hop.host, r->hop.ip,
		    conf->concurrency);
		r->is_busy = 1;
		r->busy = r->way.plan.mx.host[r->at.host].preference;
		return 0;
	}
	return 1;
}

static int
dial_address(struct reach *r)
{
	struct connectconf const *const conf = r->way.conf;
	struct ip const *const ip = &address(r)->ip;
	struct ip const *const from = conf->from + (ip->family == AF_INET6);
	struct sockaddr_storage to, own;
	socklen_t const len = names_sockaddr(&to, ip, r->hop.port);
	socklen_t const ownlen = from->family ? names_sockaddr(&own, from, 0) : 0;

	return dial(&to, len, from->family ? &own : 0, ownlen, (int)conf->timeout * 1000);
}

/* is_ours - an error that is this host's, and says nothing of the other. */
static int
is_ours(int error)
{
	return error != ECONNREFUSED && error != ETIMEDOUT && error != EHOSTUNREACH &&
	       error != ECONNRESET && error != EHOSTDOWN;
}

static void
note_failure(struct reach *r, int error)
{
	log_begin("unreachable");
	log_str("host", r->hop.host);
	log_str("ip", r->hop.ip);
	log_num("port", r->hop.port);
	log_str("reason", strerrordesc_np(error));
	log_end();
	hosts_leave(&r->hosts);
	address(r)->claimed = 0;
	if (!is_ours(error))
		hosts_bad(&r->hosts, &address(r)->ip, r->hop.port, now());
	verdict_note(&r->verdict, VERDICT_CONNECT, "Z4.4.1", "%s[%s]: %s", r->hop.host, r->hop.ip,
	    strerrordesc_np(error));
}

static void
log_connection(struct reach const *r)
{
	log_begin("connect");
	if (*r->way.domain)
		log_str("domain", r->way.domain);
	log_str("host", r->hop.host);
	log_str("ip", r->hop.ip);
	log_num("port", r->hop.port);
	log_str("tls", level_names[r->hop.tls]);
	log_end();
}

/* connect_to - the address that r->at names: its socket, or -1 and the reason is noted. */
static int
connect_to(struct reach *r)
{
	struct connectconf const *const conf = r->way.conf;
	struct hosts_note note;
	int fd;

	prepare(r);
	if (!is_free(r, &note))
		return -1;
	if (note.failures) {
		hosts_claim(
		    &r->hosts, &address(r)->ip, r->hop.port, now(), conf->timeout + HOSTS_DOWN);
		address(r)->claimed = 1;
	}
	if (note.plain || address(r)->plain)
		level_plain(&r->hop);
	fd = dial_address(r);
	if (fd == -1)
		note_failure(r, errno);
	else
		log_connection(r);
	return fd;
}

/* ---- the requests */

static int
next(struct reach *r)
{
	int fd;

	hosts_leave(&r->hosts);
	r->is_on = 0;
	if (!r->found && !(r->found = way_find(&r->way, &r->verdict)))
		return -1;
	for (;;) {
		switch (plan_next(&r->way.plan, &r->at)) {
		case PLAN_END: r->is_on = 0; return -1;
		case PLAN_RESOLVE:
			if (r->is_busy && r->way.plan.mx.host[r->at.host].preference != r->busy)
				return -1;
			way_resolve(&r->way, r->at.host, &r->verdict);
			break;
		case PLAN_TRY:
			if (r->is_busy && r->way.plan.mx.host[r->at.host].preference != r->busy)
				return -1;
			fd = connect_to(r);
			if (fd != -1)
				return fd;
			break;
		}
	}
}

static int
again(struct reach *r)
{
	verdict_clear(&r->verdict);
	r->is_busy = 0;
	if (r->found && way_is_old(&r->way))
		r->found = 0;
	if (r->found)
		plan_again(&r->way.plan);
	return next(r);
}

static int
same(struct reach *r)
{
	if (r->is_on)
		return connect_to(r);
	verdict_note(&r->verdict, VERDICT_CONNECT, "Z4.4.1", "there was no host");
	return -1;
}

static void
answer_ticket(struct reach *r, struct answer *answer)
{
	struct timespec t;
	uint64_t wait = 0;

	if (r->is_on && r->way.conf->rate) {
		clock_gettime(CLOCK_REALTIME, &t);
		wait = hosts_ticket(&r->hosts, &address(r)->ip, r->hop.port,
		    (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000, r->way.conf->rate,
		    TICKET_WAIT);
	}
	if (wait > TICKET_WAIT) {
		stream_answer_set(
		    answer, 'Z', "4.4.5", "as many messages a minute as may go there have gone");
		return;
	}
	if (wait)
		poll(0, 0, (int)(wait / 1000) + 1);
	stream_answer_set(answer, 'K', "2.0.0", "go ahead");
}

static void
note_good(struct reach *r)
{
	if (!r->is_on || r->is_good)
		return;
	r->is_good = 1;
	hosts_good(&r->hosts, &address(r)->ip, r->hop.port, now());
}

static void
note_bad(struct reach *r, char const *why)
{
	if (!r->is_on)
		return;
	log_begin("bad");
	log_str("host", r->hop.host);
	log_str("ip", r->hop.ip);
	log_str("reason", why);
	log_end();
	hosts_leave(&r->hosts);
	address(r)->claimed = 0;
	hosts_bad(&r->hosts, &address(r)->ip, r->hop.port, now());
	verdict_note(&r->verdict, VERDICT_CONNECTED, "Z4.4.1", "%s[%s]: %s", r->hop.host, r->hop.ip,
	    *why ? why : "it took no message");
}

static void
note_plain(struct reach *r, char const *why)
{
	if (!r->is_on)
		return;
	log_begin("plain");
	log_str("host", r->hop.host);
	log_str("ip", r->hop.ip);
	log_str("reason", why);
	log_end();
	address(r)->plain = 1;
	hosts_plain(&r->hosts, &address(r)->ip, r->hop.port, now());
}

int
reach_answer(
    struct reach *r, enum hop_request type, char const *text, struct answer *answer, int *fd)
{
	*fd = -1;
	switch (type) {
	case HOP_NEXT: *fd = next(r); break;
	case HOP_AGAIN: *fd = again(r); break;
	case HOP_SAME: *fd = same(r); break;
	case HOP_TICKET: answer_ticket(r, answer); return 1;
	case HOP_GOOD: note_good(r); return 0;
	case HOP_BAD: note_bad(r, text); return 0;
	case HOP_PLAIN: note_plain(r, text); return 0;
	}
	if (*fd == -1)
		*answer = r->verdict.answer;
	else
		stream_answer_set(answer, 'K', "2.0.0", r->hop.host);
	return 1;
}
