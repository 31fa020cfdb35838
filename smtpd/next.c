#include "next.h"

#include <errno.h>
#include <string.h>

#include "log.h"

void
next_init(struct next *n, int fd, char const *session)
{
	n->dead = 0;
	n->session = session;
	n->factslen = 0;
	stream_init(&n->stream, fd, fd);
}

/* lost - never again say a word to it. */
static void
lost(struct next *n, char const *why)
{
	if (n->dead)
		return;
	n->dead = 1;
	log_begin("trouble");
	log_str("session", n->session);
	log_str("reason", "the next program is lost");
	log_str("error", why);
	log_end();
}

static void
put(struct next *n, enum stream_type type, char const *data, size_t len)
{
	if (!n->dead && !stream_put(&n->stream, type, data, len))
		lost(n, strerrordesc_np(errno));
}

/* add_fact - key=value and NUL, if there is a value; what does not fit is left out. */
static size_t
add_fact(char *to, size_t len, char const *key, char const *value)
{
	size_t const keylen = strlen(key);
	size_t const valuelen = strlen(value);

	if (!valuelen || keylen + valuelen + 2 > NEXT_FACTS_MAX - len)
		return len;
	memcpy(to + len, key, keylen);
	len += keylen;
	to[len++] = '=';
	memcpy(to + len, value, valuelen + 1);
	return len + valuelen + 1;
}

void
next_facts(struct next *n, struct next_facts const *facts)
{
	char text[NEXT_FACTS_MAX];
	size_t len = 0;

	len = add_fact(text, len, "protocol", facts->protocol);
	len = add_fact(text, len, "ip", facts->client->ip);
	len = add_fact(text, len, "port", facts->client->port);
	len = add_fact(text, len, "rdns", facts->client->rdns);
	len = add_fact(text, len, "helo", facts->helo);
	len = add_fact(text, len, "tls", facts->client->tls);
	len = add_fact(text, len, "sni", facts->client->sni);
	len = add_fact(text, len, "cert", facts->client->hash);
	len = add_fact(text, len, "certname", facts->client->subject);
	len = add_fact(text, len, "auth", facts->auth ? facts->auth : "");
	len = add_fact(text, len, "session", facts->session);
	if (len == n->factslen && !memcmp(text, n->facts, len))
		return;
	memcpy(n->facts, text, len);
	n->factslen = len;
	put(n, STREAM_CLIENT, text, len);
}

void
next_path(struct next *n, enum stream_type type, struct address const *a, struct params const *p)
{
	char text[ADDRESS_MAX + 1 + PARAMS_MAX];

	memcpy(text, a->text, a->len + 1);
	memcpy(text + a->len + 1, p->fields, p->fieldslen);
	put(n, type, text, a->len + 1 + p->fieldslen);
}

void
next_data(struct next *n, char const *data, size_t len)
{
	if (!n->dead && !stream_data(&n->stream, data, len))
		lost(n, strerrordesc_np(errno));
}

void
next_end(struct next *n)
{
	put(n, STREAM_END, "", 0);
}

void
next_reset(struct next *n)
{
	put(n, STREAM_RESET, "", 0);
}

void
next_answer(struct next *n, struct answer *a)
{
	enum stream_result const r = n->dead ? STREAM_EOF : stream_get_answer(&n->stream, a);

	if (r == STREAM_OK)
		return;
	lost(n, r == STREAM_EOF ? "it has gone" : strerrordesc_np(errno));
	stream_answer_set(a, 'Z', "4.3.0", "Mail cannot be taken now, try again later");
}

/* worse - of two answers the one that says less: Z before D before K. */
static int
worse(struct answer const *a, struct answer const *b)
{
	static char const order[] = "KDZ";

	return strchr(order, a->code) > strchr(order, b->code);
}

void
next_result(struct next *n, struct answer *a, size_t count)
{
	struct answer more;

	next_answer(n, a);
	if (!a->single)
		return;
	for (int mixed = 0; --count > 0 && !n->dead;) {
		next_answer(n, &more);
		mixed |= more.code != a->code && (more.code == 'K' || a->code == 'K');
		if (worse(&more, a))
			*a = more;
		if (mixed && a->code == 'D')
			a->code = 'Z', a->status[0] = '4';
	}
}
