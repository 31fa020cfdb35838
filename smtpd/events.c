#include "events.h"

#include "log.h"

static void
begin(char const *event, char const *id)
{
	log_begin(event);
	log_str("session", id);
}

static void
put_tls(struct client const *c)
{
	if (*c->tls)
		log_str("tls", c->tls);
	if (*c->sni)
		log_str("sni", c->sni);
	if (*c->hash)
		log_str("cert", c->hash);
	if (*c->subject)
		log_str("certname", c->subject);
}

void
events_connect(char const *id, struct client const *c)
{
	begin("connect", id);
	log_str("ip", *c->ip ? c->ip : "local");
	if (*c->port)
		log_str("port", c->port);
	if (*c->rdns)
		log_str("rdns", c->rdns);
	put_tls(c);
	log_end();
}

void
events_tls(char const *id, struct client const *c, char const *why)
{
	begin("tls", id);
	if (why)
		log_str("reason", *why ? why : "no TLS came about");
	else
		put_tls(c);
	log_end();
}

void
events_auth(char const *id, struct client const *c, char const *user)
{
	begin("auth", id);
	log_str("result", "success");
	log_str("ip", *c->ip ? c->ip : "local");
	log_str("user", user);
	log_end();
}

void
events_early(char const *id, char const *when)
{
	begin("early", id);
	log_str("when", when);
	log_end();
}

void
events_refuse(char const *id, struct session const *s, char const *reply, size_t len)
{
	begin("refuse", id);
	if (*s->helo)
		log_str("helo", s->helo);
	if (s->state != SESSION_NEW && s->state != SESSION_READY)
		log_str("from", s->sender.text);
	log_bytes("reply", reply, len - 2);
	log_end();
}

void
events_accept(
    char const *id, struct session const *s, size_t rcpts, uint64_t size, char const *answer)
{
	begin("accept", id);
	log_str("from", s->sender.text);
	if (*s->user)
		log_str("user", s->user);
	log_num("rcpts", rcpts);
	log_num("size", size);
	log_str("answer", answer);
	log_end();
}

void
events_disconnect(char const *id, char const *why, uint64_t accepted, uint64_t refused)
{
	begin("disconnect", id);
	log_str("reason", why);
	log_num("accepted", accepted);
	log_num("refused", refused);
	log_end();
}
