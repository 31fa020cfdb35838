#include "peer.h"

#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "die.h"
#include "log.h"

/* What comes of a host, before it gets a message. */
enum step {
	STEP_OK,
	STEP_BAD,   /* it does not work: let others leave it alone, too */
	STEP_UNFIT, /* it works, but not for us */
	STEP_PLAIN, /* it works, but for its TLS */
};

void
peer_init(struct peer *p, struct relayconf const *conf)
{
	p->conf = conf;
	p->asked = 0;
	dialogue_init(&p->d, conf->timeout);
}

void
peer_begin(struct peer *p)
{
	p->next = p->asked ? HOP_AGAIN : HOP_NEXT;
	p->tries = 0;
	p->why.code = 0;
}

void
peer_close(struct peer *p)
{
	dialogue_close(&p->d);
}

void
peer_quit(struct peer *p)
{
	if (p->d.open) {
		dialogue_put(&p->d, "QUIT\r\n", 6);
		dialogue_reply(&p->d, DIALOGUE_QUIT);
	}
	peer_close(p);
}

/*
 * tell - what became of a host. It is a note, no more: when relay-connect is gone, who took the
 * message last must be answered for all the same. The next request shows it.
 */
static void
tell(enum hop_request what, char const *text)
{
	(void)!hop_ask(RELAY_CONNECT, what, text);
}

void
peer_dropped(struct peer *p)
{
	peer_close(p);
	p->next = HOP_AGAIN;
}

void
peer_failed(struct peer *p, struct answer const *why)
{
	peer_close(p);
	p->why = *why;
	if (!p->good)
		tell(HOP_BAD, why->text);
	p->next = HOP_NEXT;
}

/* --- one host --- */

/* wait_reply - 1 a reply came; 0 none, and *why. */
static int
wait_reply(struct peer *p, unsigned int seconds, enum outcome_stage stage, struct answer *why)
{
	enum dialogue_result const r = dialogue_reply(&p->d, seconds);

	if (r == DIALOGUE_OK)
		return 1;
	outcome_lost(why, p->where, stage, dialogue_why(&p->d, r));
	return 0;
}

static void
command(struct peer *p, char const *verb, char const *argument)
{
	dialogue_put(&p->d, verb, strlen(verb));
	dialogue_put(&p->d, argument, strlen(argument));
	dialogue_put(&p->d, "\r\n", 2);
}

/* hello - EHLO, or HELO if it does not know that (RFC 5321 3.2). */
static enum step
hello(struct peer *p, struct answer *why)
{
	command(p, "EHLO ", p->conf->helo.s);
	if (!wait_reply(p, DIALOGUE_COMMAND, OUTCOME_HELLO, why))
		return STEP_BAD;
	if (p->d.reply.code / 100 == 2) {
		capabilities_read(&p->can, p->d.reply.text);
		return STEP_OK;
	}
	if (p->d.reply.code / 100 == 5) {
		command(p, "HELO ", p->conf->helo.s);
		if (!wait_reply(p, DIALOGUE_COMMAND, OUTCOME_HELLO, why))
			return STEP_BAD;
		capabilities_none(&p->can);
		if (p->d.reply.code / 100 == 2)
			return STEP_OK;
	}
	outcome_reply(why, p->where, OUTCOME_HELLO, &p->d.reply);
	return STEP_BAD;
}

static enum step
greeting(struct peer *p, struct answer *why)
{
	if (!wait_reply(p, DIALOGUE_GREETING, OUTCOME_GREETING, why))
		return STEP_BAD;
	if (p->d.reply.code / 100 == 2)
		return hello(p, why);
	outcome_reply(why, p->where, OUTCOME_GREETING, &p->d.reply);
	return STEP_BAD;
}

/* is_optional - whether it may be done without TLS if that does not work. */
static int
is_optional(struct hop const *h)
{
	return !h->implicit && (h->tls <= HOP_TLS_MAY || h->testing);
}

static void
log_tls(struct peer const *p, char const *event, char const *why)
{
	log_begin(event);
	log_str("host", p->where);
	if (p->is_tls) {
		log_str("protocol", p->secured.protocol);
		log_str("cipher", p->secured.cipher);
		log_str("verified", p->secured.verified == SECURED_DANE   ? "dane"
				    : p->secured.verified == SECURED_NAME ? "name"
									  : "no");
	}
	if (*why)
		log_str("reason", why);
	log_end();
}

/* secure - the handshake, on a connection that waits for one. */
static enum step
secure(struct peer *p, struct answer *why)
{
	struct answer a;
	int plain = -1;
	int r;

	dialogue_detach(&p->d);
	r = secure_ask(RELAY_TLS, &p->hop, DIALOGUE_FD, &a, &p->secured, &plain);
	if (r == -1)
		die_temp("ask relay-tls");
	if (!r)
		die_perm("relay-tls is gone");
	if (a.code == 'K') {
		if (!dialogue_start(&p->d, plain))
			die_temp("go on with TLS");
		p->is_tls = 1;
		log_tls(
		    p, "tls", p->hop.testing || p->hop.tls > HOP_TLS_MUST ? p->secured.why : "");
		return STEP_OK;
	}
	outcome_trouble(why, p->where, 'Z', a.status, a.text);
	log_tls(p, "tls-failed", a.text);
	return is_optional(&p->hop) ? STEP_PLAIN : STEP_UNFIT;
}

/* start_tls - STARTTLS where it is wanted (RFC 3207), and EHLO once more. */
static enum step
start_tls(struct peer *p, struct answer *why)
{
	enum step r;

	if (p->hop.tls == HOP_TLS_NEVER)
		return STEP_OK;
	if (!(p->can.offers & CAN_STARTTLS)) {
		if (p->hop.testing)
			log_tls(p, "tls-missing", "STARTTLS is not offered");
		if (is_optional(&p->hop))
			return STEP_OK;
		outcome_trouble(why, p->where, 'Z', "4.7.4", "TLS is wanted, and not offered");
		return STEP_UNFIT;
	}
	command(p, "STARTTLS", "");
	if (!wait_reply(p, DIALOGUE_DATA, OUTCOME_TLS, why))
		return is_optional(&p->hop) ? STEP_PLAIN : STEP_BAD;
	if (p->d.reply.code != 220) {
		outcome_reply(why, p->where, OUTCOME_TLS, &p->d.reply);
		return is_optional(&p->hop) ? STEP_OK : STEP_UNFIT;
	}
	if (dialogue_has_more(&p->d)) { /* said by whoever is in between */
		outcome_trouble(why, p->where, 'Z', "4.7.4", "more than a reply came to STARTTLS");
		return STEP_BAD;
	}
	r = secure(p, why);
	return r == STEP_OK ? hello(p, why) : r;
}

/* auth_login - AUTH LOGIN asks twice. */
static int
auth_login(struct peer *p, struct relayconf_login const *login, struct answer *why)
{
	char const *const text[] = { login->user, login->password };
	char line[COMMANDS_AUTH_MAX];

	command(p, "AUTH LOGIN", "");
	for (size_t i = 0; i < 2; i++) {
		if (!wait_reply(p, DIALOGUE_DATA, OUTCOME_AUTH, why))
			return 0;
		if (p->d.reply.code != 334)
			return 1; /* auth judges it */
		dialogue_put(&p->d, line, commands_auth_login(line, text[i]));
	}
	return wait_reply(p, DIALOGUE_DATA, OUTCOME_AUTH, why);
}

static int
auth_plain(struct peer *p, struct relayconf_login const *login, struct answer *why)
{
	char line[COMMANDS_AUTH_MAX];

	dialogue_put(&p->d, line, commands_auth_plain(line, login->user, login->password));
	return wait_reply(p, DIALOGUE_DATA, OUTCOME_AUTH, why);
}

/* auth - show a smarthost who we are: only to one that is who it must be. */
static enum step
auth(struct peer *p, struct answer *why)
{
	struct relayconf_login login;
	int said;

	if (!p->hop.route || !relayconf_login(p->conf, p->hop.host, &login))
		return STEP_OK;
	/* a TLSA record that cannot be used makes a "must", too, but no leave to show a password */
	if (!p->is_tls ||
	    (!p->secured.verified && !(p->hop.anybody && p->hop.tls == HOP_TLS_MUST))) {
		outcome_trouble(why, p->where, 'Z', "4.7.5",
		    "the password is for verified TLS only: see tlsroutes");
		return STEP_UNFIT;
	}
	if (p->can.offers & CAN_AUTH_PLAIN) {
		said = auth_plain(p, &login, why);
	} else if (p->can.offers & CAN_AUTH_LOGIN) {
		said = auth_login(p, &login, why);
	} else {
		outcome_trouble(why, p->where, 'Z', "4.7.4", "it offers no AUTH PLAIN or LOGIN");
		return STEP_UNFIT;
	}
	explicit_bzero(&login, sizeof login);
	if (!said)
		return STEP_BAD;
	if (p->d.reply.code == 235)
		return STEP_OK;
	outcome_reply(why, p->where, OUTCOME_AUTH, &p->d.reply);
	return STEP_UNFIT;
}

/* want_tls - what the message makes of what the host is to have. */
static void
want_tls(struct peer *p, enum needs_tls tls, int plain)
{
	struct hop *h = &p->hop;

	p->any = tls == NEEDS_ANY && h->tls > HOP_TLS_MAY;
	if (p->any)
		h->tls = HOP_TLS_MAY;
	if (plain && is_optional(h))
		h->tls = HOP_TLS_NEVER;
	if (tls == NEEDS_REQUIRED && h->tls != HOP_TLS_NEVER) {
		if (h->tls < HOP_TLS_VERIFY)
			h->tls = HOP_TLS_VERIFY;
		h->testing = 0;
	}
}

/* greet - all that comes before the first MAIL, on a new connection. */
static enum step
greet(struct peer *p, int fd, struct answer *why)
{
	enum step r = STEP_OK;

	if (!dialogue_start(&p->d, fd))
		die_temp("take a connection");
	outcome_where(p->where, &p->hop);
	p->is_tls = 0;
	memset(&p->secured, 0, sizeof p->secured);
	p->mails = 0;
	p->good = p->dirty = 0;
	if (p->hop.implicit)
		r = secure(p, why);
	if (r == STEP_OK)
		r = greeting(p, why);
	if (r == STEP_OK && !p->hop.implicit)
		r = start_tls(p, why);
	return r == STEP_OK ? auth(p, why) : r;
}

/* --- which host --- */

/* connect_next - a connection: 1 and *fd; 0 no host is left, and *why. */
static int
connect_next(struct peer *p, int *fd, struct answer *why)
{
	int r;

	if (!hop_ask(RELAY_CONNECT, p->next, 0))
		die_temp("ask relay-connect");
	p->asked = 1;
	p->next = HOP_NEXT;
	r = hop_answer(RELAY_CONNECT, why, &p->hop, fd);
	if (!r)
		die_perm("relay-connect is gone");
	if (r == -1)
		die_temp("understand relay-connect");
	if (why->code == 'Z' && p->why.code && strcmp(why->status, "4.4.5") != 0)
		*why = p->why; /* whoever answered came nearer than who did not */
	return why->code == 'K';
}

/* settle - tell relay-connect what became of the host, and what to ask for next. */
static void
settle(struct peer *p, enum step r, struct answer const *why, int *plain)
{
	*plain = r == STEP_PLAIN;
	p->why = *why;
	if (r == STEP_PLAIN) {
		peer_close(p);
		tell(HOP_PLAIN, why->text);
		p->next = HOP_SAME;
	} else if (r == STEP_BAD) {
		peer_failed(p, why);
	} else {
		peer_quit(p);
	}
	log_begin("refused");
	log_str("host", p->where);
	log_str("status", why->status);
	log_str("text", why->text);
	log_end();
}

/* fits - whether the connection that is open will do. */
static int
fits(struct peer const *p, enum needs_tls tls)
{
	uint64_t const most = p->can.mailmax && p->can.mailmax < PEER_MAILS_MAX ? p->can.mailmax
										: PEER_MAILS_MAX;

	if (p->mails >= most || (p->any && tls != NEEDS_ANY))
		return 0;
	if (dialogue_has_more(&p->d))
		return 0; /* a reply to nothing: which is to what, from now on? */
	return tls != NEEDS_REQUIRED || peer_is_verified(p);
}

int
peer_is_verified(struct peer const *p)
{
	return p->is_tls && p->secured.verified != SECURED_NO && p->hop.secure;
}

int
peer_get(struct peer *p, enum needs_tls tls, int *reused, struct answer *why)
{
	int plain = 0, fd = -1;

	*reused = p->d.open;
	if (p->d.open && fits(p, tls))
		return 1;
	*reused = 0;
	if (p->d.open) {
		peer_quit(p);
		p->next = HOP_AGAIN;
	}
	for (; p->tries < PEER_TRIES_MAX && connect_next(p, &fd, why); p->tries++) {
		enum step r;

		want_tls(p, tls, plain);
		r = greet(p, fd, why);
		if (r == STEP_OK)
			return 1;
		settle(p, r, why, &plain);
	}
	if (why->code == 'K')
		*why = p->why;
	if (tls == NEEDS_REQUIRED && !strncmp(why->status, "4.7.", 4))
		outcome_trouble(why, p->where, 'D', "5.7.30",
		    "this message needs REQUIRETLS, and TLS did not work as that demands");
	return 0;
}

int
peer_ticket(struct peer *p, struct answer *why)
{
	int r;

	if (!p->hop.rate)
		return 1;
	if (!hop_ask(RELAY_CONNECT, HOP_TICKET, 0))
		die_temp("ask relay-connect");
	r = hop_answer(RELAY_CONNECT, why, 0, 0);
	if (r != 1)
		die_temp("understand relay-connect");
	return why->code == 'K';
}

void
peer_worked(struct peer *p)
{
	if (!p->good)
		tell(HOP_GOOD, 0);
	p->good = 1;
}
