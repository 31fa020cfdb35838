#include "session.h"

#include <stdio.h>
#include <string.h>

static void
forget(struct session *s)
{
	if (s->state != SESSION_NEW)
		s->state = SESSION_READY;
	s->accepted = s->owed = 0;
	s->utf8 = 0;
}

void
session_init(struct session *s, struct settings const *set, int tls_offered, int tls)
{
	s->set = set;
	s->state = SESSION_NEW;
	s->extended = 0;
	s->tls_offered = tls_offered;
	s->tls = tls;
	s->helo[0] = 0;
	s->user[0] = 0;
	s->mails = 0;
	s->errors = 0;
	forget(s);
}

static struct step
say(enum reply_id id, char const *arg)
{
	return (struct step){ STEP_REPLY, reply_get(id, arg) };
}

/* step - what is not only a reply; the reply is given when the step is done. */
static struct step
step(enum step_what what, enum reply_id id, char const *arg)
{
	return (struct step){ what, reply_get(id, arg) };
}

/*
 * take_helo - the name that a client gives itself: one word, whatever it is. Real clients
 * send "[::1]", "host.", "foo's-mac"; nothing is decided by the name, so none is refused
 * for it (RFC 5321 4.1.4), and only a valid one gets into the Received line (trace.c).
 * What is not ASCII cannot be said in a reply: it becomes a question mark.
 */
static int
take_helo(struct session *s, struct command const *cmd)
{
	if (!cmd->arglen || cmd->arglen >= SESSION_HELO_MAX)
		return 0;
	for (size_t i = 0; i < cmd->arglen; i++)
		if ((unsigned char)cmd->arg[i] <= ' ' || cmd->arg[i] == 0x7f)
			return 0;
	for (size_t i = 0; i < cmd->arglen; i++)
		s->helo[i] = (char)(cmd->arg[i] & 0x80 ? '?' : cmd->arg[i]);
	s->helo[cmd->arglen] = 0;
	return 1;
}

static struct step
hello(struct session *s, struct command const *cmd)
{
	if (!take_helo(s, cmd))
		return say(REPLY_BAD_ARGUMENT, 0);
	s->state = SESSION_READY;
	s->extended = cmd->verb == COMMAND_EHLO;
	forget(s);
	return step(STEP_HELLO, REPLY_HELLO, s->helo);
}

/* is_refused - whether badmailfrom lists the sender or its domain. */
static int
is_refused(struct session const *s)
{
	stralloc const *list = &s->set->badmailfrom;
	char text[ADDRESS_MAX + 1];

	if (!list->len)
		return 0;
	for (size_t i = 0; i <= s->sender.len; i++) {
		char const ch = s->sender.text[i];

		text[i] = (char)(ch >= 'A' && ch <= 'Z' ? ch | 0x20 : ch);
	}
	return control_has(list, text, s->sender.len) ||
	       control_has(list, text + s->sender.at, s->sender.len - s->sender.at);
}

static unsigned int
address_flags(struct session const *s)
{
	return ADDRESS_UTF8_OK | (s->set->lenient ? ADDRESS_NO_BRACKETS_OK : 0U) |
	       (s->set->submission ? ADDRESS_NO_DOMAIN_OK : 0U);
}

/* complete - in a submission, give an address without a domain the default one. */
static int
complete(struct session const *s, struct address *a)
{
	char text[2 * ADDRESS_MAX];
	int n;

	if (!s->set->submission || !a->len || a->at < a->len)
		return 1;
	n = snprintf(text, sizeof text, "%s@%s", a->text, s->set->defaulthost.s);
	return n > 0 && (size_t)n < sizeof text &&
	       address_parse(a, text, (size_t)n, ADDRESS_UTF8_OK) == ADDRESS_OK;
}

/* is_auth_offered - AUTH and its parameter of MAIL. */
static int
is_auth_offered(struct session const *s)
{
	return s->mechanisms && *s->mechanisms && (s->tls || s->set->auth_in_clear);
}

/* is_auth_broken - there should be mechanisms, but who knows them does not answer. */
static int
is_auth_broken(struct session const *s)
{
	return s->mechanisms && !*s->mechanisms;
}

static unsigned int
offered(struct session const *s)
{
	return (is_auth_offered(s) ? PARAMS_AUTH : 0U) | (s->tls ? PARAMS_REQUIRETLS : 0U);
}

/* params_reply - the refusal for what params_mail or params_rcpt said. */
static struct step
params_reply(enum params_result r)
{
	return say(r == PARAMS_UNKNOWN ? REPLY_UNKNOWN_PARAMETER : REPLY_BAD_PARAMETER, 0);
}

static struct step
mail(struct session *s, struct command const *cmd)
{
	struct address sender;
	size_t used;
	enum params_result r;

	if (s->state == SESSION_NEW)
		return say(REPLY_ORDER_HELLO, 0);
	if (s->state == SESSION_MAIL || s->state == SESSION_CHUNKS)
		return say(REPLY_ORDER_NESTED, 0);
	if (s->set->submission && !*s->user)
		return say(is_auth_broken(s) ? REPLY_NO_AUTH : REPLY_AUTH_REQUIRED, 0);
	if (address_parse_path(&sender, cmd->arg, cmd->arglen, address_flags(s) | ADDRESS_NULL_OK,
		&used) != ADDRESS_OK ||
	    !complete(s, &sender))
		return say(REPLY_BAD_SENDER, 0);
	r = params_mail(&s->params, cmd->arg + used, cmd->arglen - used, offered(s));
	if (r != PARAMS_OK)
		return params_reply(r);
	if (sender.utf8 && !s->params.smtputf8)
		return say(REPLY_UTF8_SENDER, 0);
	if (s->set->databytes && s->params.size > s->set->databytes)
		return say(REPLY_TOO_BIG, 0);
	s->sender = sender;
	if (is_refused(s))
		return say(REPLY_BAD_MAIL_FROM, s->sender.text);
	if (s->mails >= s->set->maxmail)
		return step(STEP_CLOSE, REPLY_MANY_MAILS, s->set->me.s);
	s->mails++;
	s->state = SESSION_MAIL;
	s->utf8 = s->params.smtputf8;
	s->accepted = s->owed = 0;
	return step(STEP_SENDER, REPLY_SENDER_OK, *s->sender.text ? s->sender.text : "<>");
}

static struct step
rcpt(struct session *s, struct command const *cmd)
{
	size_t used;
	enum params_result r;

	if (s->state != SESSION_MAIL)
		return say(s->state == SESSION_CHUNKS ? REPLY_ORDER_CHUNKS : REPLY_ORDER_MAIL, 0);
	if (address_parse_path(&s->rcpt, cmd->arg, cmd->arglen,
		address_flags(s) | ADDRESS_POSTMASTER_OK, &used) != ADDRESS_OK ||
	    !complete(s, &s->rcpt))
		return say(REPLY_BAD_RCPT, 0);
	r = params_rcpt(&s->params, cmd->arg + used, cmd->arglen - used, s->utf8);
	if (r != PARAMS_OK)
		return params_reply(r);
	if (s->rcpt.utf8 && !s->utf8)
		return say(REPLY_UTF8_RCPT, 0);
	if (s->accepted + s->owed >= s->set->maxrcpt)
		return say(REPLY_MANY_RCPTS, 0);
	return step(STEP_RCPT, REPLY_RCPT_OK, s->rcpt.text);
}

struct step
session_judged(struct session *s, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_NO_USER: return say(REPLY_NO_USER, s->rcpt.text);
	case VERDICT_NO_RELAY: return say(REPLY_NO_RELAY, s->rcpt.text);
	case VERDICT_TROUBLE: return say(REPLY_TROUBLE, 0);
	case VERDICT_OVER_QUOTA: return say(REPLY_OVER_QUOTA, s->rcpt.text);
	default: s->owed++; return step(STEP_ASK_RCPT, REPLY_RCPT_OK, s->rcpt.text);
	}
}

struct reply
session_sender_answer(struct session *s, struct answer const *a)
{
	if (a->code == 'K')
		return reply_get(REPLY_SENDER_OK, *s->sender.text ? s->sender.text : "<>");
	s->state = SESSION_READY;
	return reply_refusal(a, REPLY_AT_MAIL);
}

struct reply
session_not_yours(struct session *s)
{
	s->state = SESSION_READY;
	return reply_get(REPLY_NOT_YOURS, s->sender.text);
}

struct reply
session_rcpt_answer(struct session *s, struct answer const *a, char const *rcpt)
{
	s->owed--;
	if (s->state != SESSION_MAIL) /* the sender before it was refused */
		return reply_get(REPLY_ORDER_MAIL, 0);
	if (a->code != 'K')
		return reply_refusal(a, REPLY_AT_RCPT);
	s->accepted++;
	return reply_get(REPLY_RCPT_OK, rcpt);
}

/* may_send - whether a message may come now; else *r is why not. */
static int
may_send(struct session const *s, struct reply *r)
{
	if (s->state == SESSION_NEW)
		*r = reply_get(REPLY_ORDER_HELLO, 0);
	else if (s->state != SESSION_MAIL)
		*r = reply_get(REPLY_ORDER_MAIL, 0);
	else if (!s->accepted)
		*r = reply_get(REPLY_ORDER_RCPT, 0);
	else
		return 1;
	return 0;
}

static struct step
data(struct session *s)
{
	struct reply r;

	if (s->state == SESSION_CHUNKS)
		return say(REPLY_ORDER_CHUNKS, 0);
	if (!may_send(s, &r))
		return (struct step){ STEP_REPLY, r };
	return step(STEP_DATA, REPLY_SEND_DATA, 0);
}

/*
 * chunk - whatever the reply will be, the chunk is read: its octets are no commands
 * (RFC 3030 2). Only a size that cannot be read has nothing behind it that could be.
 */
static struct step
chunk(struct session *s, struct command const *cmd)
{
	struct reply r;

	if (!bdat_parse(&s->bdat, cmd->arg, cmd->arglen))
		return say(REPLY_BAD_CHUNK, 0);
	if (s->state == SESSION_FAILED) {
		if (s->bdat.last)
			forget(s);
		return step(STEP_SKIP, s->failure, 0);
	}
	if (s->state != SESSION_CHUNKS && !may_send(s, &r))
		return (struct step){ STEP_SKIP, r };
	return step(STEP_CHUNK, REPLY_CHUNK_OK, 0);
}

static enum reply_id
outcome_reply(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_BARE: return REPLY_BARE_DATA;
	case OUTCOME_TOO_BIG: return REPLY_TOO_BIG;
	case OUTCOME_LOOP: return REPLY_LOOP;
	default: return REPLY_NEXT_LOST;
	}
}

struct reply
session_received(struct session *s, enum outcome outcome, struct answer const *a)
{
	forget(s);
	if (outcome != OUTCOME_OK)
		return reply_get(outcome_reply(outcome), 0);
	if (a->code != 'K')
		return reply_refusal(a, REPLY_AT_END);
	s->errors = 0;
	return reply_get(REPLY_ACCEPTED, 0);
}

struct reply
session_chunk(struct session *s, enum outcome outcome)
{
	s->state = SESSION_CHUNKS;
	if (outcome == OUTCOME_OK)
		return reply_get(REPLY_CHUNK_OK, 0);
	forget(s);
	s->failure = outcome_reply(outcome);
	if (!s->bdat.last)
		s->state = SESSION_FAILED;
	return reply_get(s->failure, 0);
}

static struct step
reset(struct session *s)
{
	forget(s);
	return step(STEP_RESET, REPLY_OK, 0);
}

static struct step
start_tls(struct session const *s)
{
	if (s->tls)
		return say(REPLY_ORDER_TLS, 0);
	if (!s->tls_offered)
		return say(REPLY_NOT_OFFERED, 0);
	return step(STEP_START_TLS, REPLY_START_TLS, 0);
}

/* auth - RFC 4954 4: once, after EHLO, outside a transaction, not in the clear. */
static struct step
auth(struct session const *s, struct command const *cmd)
{
	if (s->state == SESSION_NEW)
		return say(REPLY_ORDER_HELLO, 0);
	if (!s->mechanisms)
		return say(REPLY_NOT_OFFERED, 0);
	if (is_auth_broken(s))
		return say(REPLY_NO_AUTH, 0);
	if (s->state != SESSION_READY || !s->extended || *s->user)
		return say(REPLY_ORDER_AUTH, 0);
	if (!is_auth_offered(s))
		return say(REPLY_AUTH_NEEDS_TLS, 0);
	if (!cmd->arglen)
		return say(REPLY_BAD_ARGUMENT, 0);
	return step(STEP_AUTH, REPLY_AUTH_OK, 0);
}

char const *
session_auth(char const *line, size_t len, char mechanism[32], size_t *initiallen)
{
	struct command cmd;
	size_t n = 0, kept = 0;

	command_parse(&cmd, line, len);
	while (n < cmd.arglen && cmd.arg[n] != ' ') {
		char const c = cmd.arg[n++];

		if (kept < 31)
			mechanism[kept++] = (char)(c >= 'a' && c <= 'z' ? c & ~0x20 : c);
	}
	mechanism[kept] = 0;
	while (n < cmd.arglen && cmd.arg[n] == ' ')
		n++;
	*initiallen = cmd.arglen - n;
	return *initiallen ? cmd.arg + n : 0;
}

struct reply
session_authenticated(struct session *s, struct answer const *a)
{
	if (a->code != 'K')
		return reply_refusal(a, REPLY_AT_AUTH);
	memcpy(s->user, a->text, strnlen(a->text, sizeof s->user - 1) + 1);
	return reply_get(REPLY_AUTH_OK, 0);
}

/* takes_no_argument - RFC 5321 4.1.1, RFC 3207 4. */
static int
takes_no_argument(enum command_verb verb)
{
	return verb == COMMAND_DATA || verb == COMMAND_RSET || verb == COMMAND_QUIT ||
	       verb == COMMAND_STARTTLS;
}

static struct step
obey(struct session *s, struct command const *cmd)
{
	if (cmd->arglen && takes_no_argument(cmd->verb))
		return say(REPLY_BAD_ARGUMENT, 0);
	switch (cmd->verb) {
	case COMMAND_HELO:
	case COMMAND_EHLO: return hello(s, cmd);
	case COMMAND_MAIL: return mail(s, cmd);
	case COMMAND_RCPT: return rcpt(s, cmd);
	case COMMAND_DATA: return data(s);
	case COMMAND_BDAT: return chunk(s, cmd);
	case COMMAND_RSET: return reset(s);
	case COMMAND_NOOP: return say(REPLY_OK, 0);
	case COMMAND_VRFY: return say(cmd->arglen ? REPLY_VRFY : REPLY_BAD_ARGUMENT, 0);
	case COMMAND_EXPN: return say(REPLY_NOT_OFFERED, 0);
	case COMMAND_HELP: return say(REPLY_HELP, 0);
	case COMMAND_QUIT: return step(STEP_CLOSE, REPLY_CLOSING, s->set->me.s);
	case COMMAND_STARTTLS: return start_tls(s);
	case COMMAND_AUTH: return auth(s, cmd);
	default: return say(REPLY_UNKNOWN, 0);
	}
}

struct step
session_command(struct session *s, enum line_result result, char const *line, size_t len)
{
	struct command cmd;

	if (result != LINE_WHOLE)
		return say(result == LINE_TOO_LONG ? REPLY_LONG : REPLY_BARE_COMMAND, 0);
	switch (command_parse(&cmd, line, len)) {
	case COMMAND_BARE: return say(REPLY_BARE_COMMAND, 0);
	case COMMAND_TOO_LONG: return say(REPLY_LONG, 0);
	case COMMAND_NO_KEYWORD: return say(REPLY_BAD_ARGUMENT, 0);
	default: return obey(s, &cmd);
	}
}

int
session_count(struct session *s, struct reply const *r)
{
	if (r->code >= 500)
		s->errors++;
	return s->errors > s->set->maxerrors;
}
