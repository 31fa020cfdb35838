#include "talk.h"

#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"
#include "ehlo.h"
#include "events.h"
#include "tls.h"

#define HANDSHAKE_SECONDS 60

void
talk_init(struct talk *t, struct settings const *set, struct client *client, struct judge *judge,
    enum tls_kind tls)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	trace_session(t->id, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000,
	    (uint64_t)getpid());
	t->set = set;
	t->client = client;
	t->judge = judge;
	t->tls = tls;
	session_init(&t->session, set, tls == TLS_OFFERED, tls == TLS_AT_ONCE || *client->tls != 0);
	next_init(&t->next, CHAIN_FD, t->id);
	wire_init(&t->wire, 0, 1, set->idle, set->total);
	t->receive.set = set;
	t->receive.wire = &t->wire;
	t->receive.next = &t->next;
	t->receive.rcpts = &t->rcpts;
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
	if (t->session.extended)
		wire_put(&t->wire, list, ehlo_format(list, &t->session));
	else
		put(t, &step->reply);
}

static char const *
protocol(struct talk const *t)
{
	return trace_protocol(t->session.extended, t->session.utf8, *t->client->tls != 0);
}

static void
ask_sender(struct talk *t)
{
	struct next_facts const facts = { t->client, protocol(t), t->session.helo, t->id };

	recipients_clear(&t->rcpts);
	next_facts(&t->next, &facts);
	next_path(&t->next, STREAM_MAIL, &t->session.sender, &t->session.params);
	t->sender_owed = 1;
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
		ask_rcpt(t, verdict == VERDICT_LOCAL);
	} else {
		collect(t);
		reply(t, &step.reply);
	}
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
		.protocol = protocol(t),
		.session = t->id,
		.message = (unsigned int)t->session.mails,
		.rcpt = only,
		.rcptlen = only ? strlen(only) : 0,
		.when = time(0),
	};

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
	t->line.skipping = 0;
}

static void
take_step(struct talk *t, struct step const *step)
{
	switch (step->what) {
	case STEP_HELLO: hello(t, step); break;
	case STEP_SENDER: ask_sender(t); break;
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
	char const *line = t->wire.inbuf + t->wire.start;
	int const at_once = result != LINE_WHOLE || !may_wait(line);
	struct step step;

	if (result != LINE_WHOLE || strncasecmp(line, "RCPT", 4))
		collect(t);
	if (t->over)
		return;
	step = session_command(&t->session, result, line, len);
	wire_take(&t->wire, len);
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
