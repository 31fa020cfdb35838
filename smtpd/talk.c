#include "talk.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base64.h"
#include "chain.h"
#include "ehlo.h"
#include "events.h"
#include "tls.h"

#define HANDSHAKE_SECONDS 60

void
talk_init(struct talk *t, struct settings const *set, struct client *client, struct judge *judge,
    enum tls_kind tls, int auth)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	trace_session(t->id, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000,
	    (uint64_t)getpid());
	t->set = set;
	t->client = client;
	t->judge = judge;
	t->tls = tls;
	t->auth = auth;
	session_init(&t->session, set, tls == TLS_OFFERED, tls == TLS_AT_ONCE || *client->tls != 0);
	next_init(&t->next, CHAIN_FD, t->id);
	wire_init(&t->wire, 0, 1, set->idle, set->total);
	t->receive.set = set;
	t->receive.wire = &t->wire;
	t->receive.next = &t->next;
	t->receive.rcpts = &t->rcpts;
	t->receive.mends = set->submission;
	t->receive.complete.date = t->mends.date;
	t->receive.complete.id = t->mends.id;
	t->receive.complete.from = t->mends.from;
	t->receive.complete.domain = set->defaulthost.s;
}

static void
end(struct talk *t, char const *why, int abrupt)
{
	t->over = why;
	t->abrupt = abrupt;
}

static void
put(struct talk *t, struct reply const *r)
{
	char line[REPLY_MAX];
	size_t const len = reply_format(line, r, t->session.extended);

	wire_put(&t->wire, line, len);
	if (r->code >= 400) {
		t->refused++;
		events_refuse(t->id, &t->session, line, len);
	}
}

/* put_last - a reply with which the session ends; why is for the log. */
static void
put_last(struct talk *t, enum reply_id id, char const *why, int abrupt)
{
	struct reply const r = reply_get(id, t->set->me.s);

	put(t, &r);
	end(t, why, abrupt);
}

/* reply - or the end, if it is one error too many. */
static void
reply(struct talk *t, struct reply const *r)
{
	if (t->over)
		return;
	if (session_count(&t->session, r))
		put_last(t, REPLY_MANY_ERRORS, "errors", 1);
	else
		put(t, r);
}

/* wire_over - the client is gone, or must go now. */
static void
wire_over(struct talk *t, enum wire_result r)
{
	switch (r) {
	case WIRE_IDLE: put_last(t, REPLY_IDLE, "idle", 1); break;
	case WIRE_LATE: put_last(t, REPLY_LATE, "late", 1); break;
	case WIRE_EOF: end(t, "eof", 0); break;
	default: end(t, "error", 0);
	}
}

/*
 * collect - read the answers that the next program owes, and pass them on. Replies to
 * the client are in the order of its commands: call it before any other reply.
 */
static void
collect(struct talk *t)
{
	struct answer a;
	struct reply r;
	char const *rcpt;

	if (t->sender_owed) {
		next_answer(&t->next, &a);
		t->sender_owed = 0;
		t->open = a.code == 'K';
		r = session_sender_answer(&t->session, &a);
		reply(t, &r);
	}
	while ((rcpt = recipients_owed(&t->rcpts))) {
		next_answer(&t->next, &a);
		r = session_rcpt_answer(&t->session, &a, rcpt);
		reply(t, &r);
		recipients_settle(&t->rcpts, r.code == 250);
	}
}

static void
forget(struct talk *t)
{
	if (t->open)
		next_reset(&t->next);
	t->open = 0;
	recipients_clear(&t->rcpts);
}

/*
 * is_early - whether the client sent more where it must wait for the reply (RFC 2920
 * 3.1); if that is refused, the session is over.
 */
static int
is_early(struct talk *t, char const *when)
{
	events_early(t->id, when);
	if (!t->set->refuse_early)
		return 0;
	put_last(t, REPLY_EARLY, "early", 1);
	return 1;
}

static int
has_unread(struct talk const *t)
{
	return t->wire.start < t->wire.end;
}

static void
hello(struct talk *t, struct step const *step)
{
	char list[EHLO_MAX];

	if (has_unread(t) && is_early(t, t->session.extended ? "EHLO" : "HELO"))
		return;
	forget(t);
	if (t->auth && !*t->mechanisms)
		auth_list(t->mechanisms);
	t->session.mechanisms = *t->client->binding ? t->mechanisms : auth_unbound(t->mechanisms);
	if (!t->auth)
		t->session.mechanisms = 0;
	if (t->session.extended)
		wire_put(&t->wire, list, ehlo_format(list, &t->session));
	else
		put(t, &step->reply);
}

static char const *
protocol(struct talk const *t)
{
	return trace_protocol(
	    t->session.extended, t->session.utf8, *t->client->tls != 0, *t->session.user != 0);
}

static void
ask_sender(struct talk *t)
{
	struct next_facts const facts = { t->client, protocol(t), t->session.helo, t->id,
		t->session.user };

	recipients_clear(&t->rcpts);
	next_facts(&t->next, &facts);
	next_path(&t->next, STREAM_MAIL, &t->session.sender, &t->session.params);
	t->sender_owed = 1;
}

/* sender - in a submission it must be the user's own. */
static void
sender(struct talk *t)
{
	int const his = !t->set->submission
			    ? 1
			    : judge_sender(t->judge, t->session.user, &t->session.sender);
	struct answer const trouble = {
		.code = 'Z', .status = "4.3.0", .text = "Look-up failed, try again later"
	};
	struct reply no;

	if (his == 1) {
		ask_sender(t);
		return;
	}
	no = his ? session_sender_answer(&t->session, &trouble) : session_not_yours(&t->session);
	reply(t, &no);
}

/* has_ticket - whether the user may send to one more now; else the reply is given. */
static int
has_ticket(struct talk *t)
{
	struct answer a;
	struct reply no;

	if (!t->set->submission || !t->set->rate)
		return 1;
	auth_ticket(1, &a);
	if (a.code == 'K')
		return 1;
	t->session.owed--;
	collect(t);
	no = reply_refusal(&a, REPLY_AT_RCPT);
	reply(t, &no);
	return 0;
}

static void
ask_rcpt(struct talk *t, int local)
{
	struct address const *a = &t->session.rcpt;

	if (!recipients_add(&t->rcpts, a->text, a->len, local)) {
		struct reply const r = reply_get(REPLY_TROUBLE, 0);

		t->session.owed--;
		collect(t);
		reply(t, &r);
		return;
	}
	next_path(&t->next, STREAM_RCPT, a, &t->session.params);
	if (t->session.owed >= TALK_OWED_MAX)
		collect(t);
}

static void
rcpt(struct talk *t)
{
	enum verdict const verdict = judge_rcpt(t->judge, &t->session.rcpt, time(0));
	struct step const step = session_judged(&t->session, verdict);

	if (step.what == STEP_ASK_RCPT) {
		if (has_ticket(t))
			ask_rcpt(t, verdict == VERDICT_LOCAL);
	} else {
		collect(t);
		reply(t, &step.reply);
	}
}

/* prepare_mends - what a submission may lack. */
static void
prepare_mends(struct talk *t, time_t now)
{
	struct talk_mends *const m = &t->mends;

	date_rfc5322(m->date, now);
	snprintf(m->id, sizeof m->id, "<%s-%llu@%s>", t->id, (unsigned long long)t->session.mails,
	    t->set->me.s);
	if (t->session.sender.len)
		snprintf(m->from, sizeof m->from, "%s", t->session.sender.text);
	else
		snprintf(m->from, sizeof m->from, "%s%s%s", t->session.user,
		    strchr(t->session.user, '@') ? "" : "@",
		    strchr(t->session.user, '@') ? "" : t->set->defaulthost.s);
}

static void
begin_message(struct talk *t, int dots)
{
	char field[TRACE_MAX];
	char const *only = recipients_only(&t->rcpts);
	struct trace const trace = {
		.me = t->set->me.s,
		.helo = t->session.helo,
		.client = t->client,
		.hide = t->set->submission && t->set->hide_client,
		.protocol = protocol(t),
		.session = t->id,
		.message = (unsigned int)t->session.mails,
		.rcpt = only,
		.rcptlen = only ? strlen(only) : 0,
		.when = time(0),
	};

	if (t->set->submission)
		prepare_mends(t, trace.when);
	receive_begin(&t->receive, dots, field, trace_field(field, &trace));
}

/* end_message - all of it is there: have it committed, or dropped. */
static void
end_message(struct talk *t)
{
	size_t const rcpts = t->session.accepted;
	enum outcome const outcome = t->receive.outcome;
	struct answer a;
	struct reply r;

	if (outcome == OUTCOME_OK) {
		next_end(&t->next);
		next_result(&t->next, &a, rcpts);
		t->open = 0;
	}
	r = session_received(&t->session, outcome, &a);
	if (r.code == 250) {
		t->accepted++;
		wire_renew(&t->wire);
		events_accept(t->id, &t->session, rcpts, t->receive.data.size, a.text);
	}
	forget(t);
	reply(t, &r);
}

static void
data(struct talk *t, struct step const *step)
{
	enum wire_result r;

	if (has_unread(t) && is_early(t, "DATA"))
		return;
	put(t, &step->reply);
	begin_message(t, 1);
	r = receive_data(&t->receive);
	if (r == WIRE_OK)
		end_message(t);
	else
		wire_over(t, r);
}

static void
chunk(struct talk *t)
{
	struct bdat *b = &t->session.bdat;
	enum wire_result r;
	struct reply said;

	if (t->session.state == SESSION_MAIL)
		begin_message(t, 0);
	r = receive_chunk(&t->receive, b);
	if (r != WIRE_OK) {
		wire_over(t, r);
	} else if (b->last && t->receive.outcome == OUTCOME_OK) {
		end_message(t);
	} else {
		said = session_chunk(&t->session, t->receive.outcome);
		if (said.code != 250)
			forget(t);
		reply(t, &said);
	}
}

static void
skip(struct talk *t, struct step const *step)
{
	enum wire_result const r = receive_skip(&t->wire, &t->session.bdat);

	if (r == WIRE_OK)
		reply(t, &step->reply);
	else
		wire_over(t, r);
}

/* no_tls - it was to begin, and did not: the client can be told nothing. */
static void
no_tls(struct talk *t)
{
	events_tls(t->id, t->client, tls_why());
	end(t, "tls", 0);
}

/*
 * start_tls - RFC 3207 4. Octets behind the command would be taken for ones that came
 * under TLS: whoever sent them, that is the end.
 */
static void
start_tls(struct talk *t, struct step const *step)
{
	if (has_unread(t)) {
		put_last(t, REPLY_EARLY, "early", 1);
		return;
	}
	if (!tls_ready(HANDSHAKE_SECONDS)) {
		struct reply const no = reply_get(REPLY_NO_TLS, 0);

		reply(t, &no);
		return;
	}
	put(t, &step->reply);
	forget(t);
	if (wire_flush(&t->wire) != WIRE_OK) {
		end(t, "error", 0);
		return;
	}
	/* from here on, whatever is said (at SIGTERM, too) is said under TLS or not at all */
	wire_move(&t->wire, TLS_IN_FD, TLS_OUT_FD);
	if (!tls_start(t->client, HANDSHAKE_SECONDS)) {
		no_tls(t);
		return;
	}
	events_tls(t->id, t->client, 0);
	session_init(&t->session, t->set, 0, 1);
	t->judge->may_relay = 0;
	t->line.skipping = 0;
}

/* ---- AUTH (RFC 4954) */

/* next_response - the client's next line, into to[LINE_MAX] without its end: 1, or 0, all is said.
 */
static int
next_response(struct talk *t, char *to, size_t *len)
{
	for (;;) {
		size_t used;
		enum line_result const r = line_next(
		    &t->line, t->wire.inbuf + t->wire.start, t->wire.end - t->wire.start, &used);

		if (r == LINE_WHOLE) {
			*len = used - 2;
			memcpy(to, t->wire.inbuf + t->wire.start, *len);
		}
		explicit_bzero(t->wire.inbuf + t->wire.start, used);
		wire_take(&t->wire, used);
		if (r == LINE_WHOLE)
			return 1;
		if (r == LINE_BARE || r == LINE_TOO_LONG) {
			struct reply const no = reply_get(
			    r == LINE_BARE ? REPLY_BARE_COMMAND : REPLY_LONG_RESPONSE, 0);

			reply(t, &no);
			return 0;
		}
		if (r == LINE_MORE) {
			enum wire_result const got = wire_fill(&t->wire);

			if (got != WIRE_OK) {
				wire_over(t, got);
				return 0;
			}
		}
	}
}

/* respond - put the challenge to the client, take its response to it; 0: it is over. */
static int
respond(struct talk *t, char *octets, size_t *len)
{
	char coded[REPLY_MAX];
	struct reply r = reply_get(REPLY_CHALLENGE, coded);

	if (has_unread(t) && is_early(t, "AUTH"))
		return 0;
	if (BASE64_SIZE(*len) >= REPLY_MAX - 8) {
		r = reply_get(REPLY_TROUBLE, 0);
		reply(t, &r);
		return 0;
	}
	coded[base64_encode(coded, octets, *len)] = 0;
	put(t, &r);
	if (!next_response(t, octets, len))
		return 0;
	if (*len == 1 && *octets == '*') {
		r = reply_get(REPLY_AUTH_CANCELED, 0);
		reply(t, &r);
		return 0;
	}
	if (base64_decode(octets, len, octets, *len))
		return 1;
	r = reply_get(REPLY_BAD_BASE64, 0);
	reply(t, &r);
	return 0;
}

/* converse - until the last word, *a: 1; or 0, the client was told why not. */
static int
converse(struct talk *t, char const *mechanism, char *initial, size_t len, struct answer *a)
{
	char octets[AUTH_PACKET_MAX];
	struct auth_start start = { mechanism, t->client->binding, 0, 0 };
	int decoded = 1;
	enum auth_result r;

	if (initial)
		start.initial = octets;
	if (initial && !(len == 1 && *initial == '=')) {
		decoded = base64_decode(octets, &start.initiallen, initial, len);
		explicit_bzero(initial, len);
	}
	if (!decoded) {
		struct reply const no = reply_get(REPLY_BAD_BASE64, 0);

		explicit_bzero(octets, sizeof octets);
		reply(t, &no);
		return 0;
	}
	r = auth_begin(&start, octets, &len, a);
	while (r == AUTH_MORE) {
		if (!respond(t, octets, &len)) {
			auth_cancel();
			explicit_bzero(octets, sizeof octets);
			return 0;
		}
		r = auth_go(octets, len, octets, &len, a);
	}
	explicit_bzero(octets, sizeof octets);
	return 1;
}

/* authenticate - by the command in line, which is taken already; nothing of it is kept. */
static void
authenticate(struct talk *t, char *line, size_t linelen)
{
	char mechanism[32];
	struct answer a;
	struct reply r;
	size_t len;
	char const *const found = session_auth(line, linelen, mechanism, &len);
	char *const initial = found ? line + (found - line) : 0;

	if (!converse(t, mechanism, initial, len, &a))
		return;
	r = session_authenticated(&t->session, &a);
	if (*t->session.user) {
		t->judge->may_relay = 1;
		events_auth(t->id, t->client, t->session.user);
	}
	reply(t, &r);
}

static void
take_step(struct talk *t, struct step const *step)
{
	switch (step->what) {
	case STEP_HELLO: hello(t, step); break;
	case STEP_SENDER: sender(t); break;
	case STEP_RCPT: rcpt(t); break;
	case STEP_DATA: data(t, step); break;
	case STEP_CHUNK: chunk(t); break;
	case STEP_SKIP: skip(t, step); break;
	case STEP_START_TLS: start_tls(t, step); break;
	case STEP_RESET:
		forget(t);
		put(t, &step->reply);
		break;
	case STEP_CLOSE:
		put(t, &step->reply);
		end(t, step->reply.code == 221 ? "quit" : "messages", step->reply.code != 221);
		break;
	default: collect(t); reply(t, &step->reply);
	}
}

/* may_wait - whether the reply to this command may be sent with the next one's (RFC 2920 3.2). */
static int
may_wait(char const *line)
{
	static char const *const verbs[] = { "RCPT", "MAIL", "RSET", "BDAT" };

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strncasecmp(line, verbs[i], 4))
			return 1;
	return 0;
}

/* command - one line. Only RCPT goes on while answers are owed. */
static void
command(struct talk *t, enum line_result result, size_t len)
{
	char *line = t->wire.inbuf + t->wire.start;
	int const at_once = result != LINE_WHOLE || !may_wait(line);
	struct step step;

	if (result != LINE_WHOLE || strncasecmp(line, "RCPT", 4))
		collect(t);
	if (t->over)
		return;
	step = session_command(&t->session, result, line, len);
	wire_take(&t->wire, len);
	if (step.what != STEP_AUTH && !strncasecmp(line, "AUTH", 4))
		explicit_bzero(line, len); /* refused; but who knows what is in it */
	if (step.what == STEP_AUTH)
		authenticate(t, line, len);
	else
		take_step(t, &step);
	if (at_once)
		wire_flush(&t->wire);
}

static void
greet(struct talk *t)
{
	struct reply const r = reply_get(REPLY_GREETING, t->set->greeting.s);

	if (*t->client->ip && wire_has_input(&t->wire) && is_early(t, "connect"))
		return;
	put(t, &r);
}

/* more - there is no whole line: what was held back must go out, then something comes in. */
static void
more(struct talk *t, size_t used)
{
	enum wire_result r;

	wire_take(&t->wire, used);
	collect(t);
	if (t->over)
		return;
	r = wire_fill(&t->wire);
	if (r != WIRE_OK)
		wire_over(t, r);
}

void
talk_run(struct talk *t)
{
	int const arrived = t->tls != TLS_AT_ONCE || tls_arrive(t->client, HANDSHAKE_SECONDS);

	events_connect(t->id, t->client);
	if (arrived)
		greet(t);
	else
		no_tls(t);
	while (!t->over) {
		size_t used;
		enum line_result const r = line_next(
		    &t->line, t->wire.inbuf + t->wire.start, t->wire.end - t->wire.start, &used);

		if (r == LINE_MORE)
			more(t, used);
		else if (r == LINE_SKIPPED)
			wire_take(&t->wire, used);
		else
			command(t, r, used);
	}
	wire_end(&t->wire, t->abrupt);
	events_disconnect(t->id, t->over, t->accepted, t->refused);
}
