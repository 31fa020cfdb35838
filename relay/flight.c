#include "flight.h"

#include <errno.h>
#include <string.h>

#include <skalibs/types.h>

#include "commands.h"

/* One command, or a message, that gets one reply. */
enum step { STEP_RSET, STEP_MAIL, STEP_RCPT, STEP_DATA, STEP_BDAT };

#define STEPS_MAX (TRANSACTION_RCPTS_MAX + 3)

struct steps {
	size_t count;
	enum step step[STEPS_MAX];
	size_t which[STEPS_MAX];
};

static int
can_do(struct transaction const *t, unsigned int what)
{
	return (t->peer->can.offers & what) != 0;
}

void
flight_answer(struct transaction_rcpt *r, struct answer const *a)
{
	if (r->answer.code)
		return;
	r->answer = *a;
	if (r->state != RCPT_ACCEPTED)
		r->state = RCPT_OVER;
}

/* fail_batch - an answer for those of the SMTP transaction that runs. */
static void
fail_batch(struct transaction *t, struct answer const *a)
{
	if (!t->mail.code)
		t->mail = *a;
	for (size_t i = 0; i < t->batched; i++)
		flight_answer(&t->rcpt[t->batch[i]], a);
}

/* --- what is sent --- */

/* must_remove - what of the message this server does not take (enum mime_need). */
static unsigned int
must_remove(struct transaction const *t)
{
	int const eight = t->final ? t->content.survey.eight : t->letter.eight;
	unsigned int remove = eight && !can_do(t, CAN_8BITMIME) ? MIME_EIGHT : 0;

	if (t->final && t->content.survey.long_line)
		remove |= MIME_LONG;
	return remove;
}

static void
add_step(struct steps *s, enum step step, size_t which)
{
	s->step[s->count] = step;
	s->which[s->count++] = which;
}

/* list_steps - what this flight consists of. */
static void
list_steps(struct transaction *t, struct steps *s)
{
	s->count = 0;
	if (!t->begun && t->peer->dirty)
		add_step(s, STEP_RSET, 0);
	if (!t->begun)
		add_step(s, STEP_MAIL, 0);
	while (t->asked < t->batched)
		add_step(s, STEP_RCPT, t->batch[t->asked++]);
	if (t->final)
		add_step(s,
		    can_do(t, CAN_CHUNKING) && t->content.fd == -1 && !must_remove(t) ? STEP_BDAT
										      : STEP_DATA,
		    0);
}

static void
put_mail(struct transaction *t, char line[COMMANDS_MAX])
{
	struct commands_mail m = { t->letter.size, t->letter.eight };

	if (t->final) {
		m.size = must_remove(t) ? 0 : t->content.survey.size;
		m.eight = t->content.survey.eight;
	}
	dialogue_put(&t->peer->d, line, commands_mail(line, &t->letter, &m, &t->peer->can));
}

static void
put_chunk(struct transaction *t)
{
	char line[64];
	size_t len;
	char const *wire = content_wire(&t->content, &len);
	size_t n;

	memcpy(line, "BDAT ", 5);
	n = 5 + uint64_fmt(line + 5, (uint64_t)len);
	memcpy(line + n, " LAST\r\n", 7);
	dialogue_put(&t->peer->d, line, n + 7);
	dialogue_put(&t->peer->d, wire, len);
	t->sent = 1;
}

static void
put_step(struct transaction *t, enum step step, size_t which)
{
	struct dialogue *d = &t->peer->d;
	char line[COMMANDS_MAX];

	switch (step) {
	case STEP_RSET: dialogue_put(d, "RSET\r\n", 6); break;
	case STEP_MAIL: put_mail(t, line); break;
	case STEP_RCPT:
		dialogue_put(
		    d, line, commands_rcpt(line, &t->letter, t->rcpt[which].letter, &t->peer->can));
		break;
	case STEP_DATA: dialogue_put(d, "DATA\r\n", 6); break;
	case STEP_BDAT: put_chunk(t); break;
	}
}

/* --- what is heard --- */

static unsigned int
code_class(struct transaction const *t)
{
	return t->peer->d.reply.code / 100;
}

/* lost - the connection is; that is the answer for whatever is open. */
static enum flight_result
lost(struct transaction *t, enum outcome_stage stage, enum dialogue_result r)
{
	outcome_lost(&t->why, t->peer->where, stage, dialogue_why(&t->peer->d, r));
	return FLIGHT_LOST;
}

/* astray - a reply to nothing is there: the next would be taken for that to another command. */
static enum flight_result
astray(struct transaction *t, enum outcome_stage stage)
{
	outcome_lost(&t->why, t->peer->where, stage, "a reply to nothing came");
	return FLIGHT_LOST;
}

/* is_too_early - "taken", said of a message that did not all go out. */
static int
is_too_early(struct transaction const *t)
{
	return code_class(t) == 2 && t->peer->d.unsent != DIALOGUE_OK;
}

static void
judge_mail(struct transaction *t)
{
	struct replies const *reply = &t->peer->d.reply;

	t->peer->dirty = 0;
	t->replied = reply->code != 421; /* that is no answer to it */
	if (code_class(t) == 2) {
		t->begun = 1;
		if (!t->mail.code)
			stream_answer_set(&t->mail, 'K', "2.1.0", "ok");
		return;
	}
	outcome_reply(&t->why, t->peer->where, OUTCOME_MAIL, reply);
	if (reply->code != 421)
		fail_batch(t, &t->why);
}

static void
judge_rcpt(struct transaction *t, struct transaction_rcpt *r)
{
	struct replies const *reply = &t->peer->d.reply;

	if (!t->begun)
		return; /* MAIL was refused: that is the answer */
	if (code_class(t) == 2) {
		r->state = RCPT_ACCEPTED;
		t->accepted++;
	} else if (t->final && !t->settled && t->accepted && outcome_is_too_many(reply)) {
		r->state = RCPT_WAITS; /* for another transaction */
	} else {
		outcome_reply(&r->answer, t->peer->where, OUTCOME_RCPT, reply);
		r->state = RCPT_OVER;
	}
}

/* judge_message - the reply to all of it, or to the request to send it. */
static void
judge_message(struct transaction *t, enum outcome_stage stage)
{
	struct answer a;

	if (code_class(t) == 2 && stage == OUTCOME_DOT)
		outcome_taken(&a, t->peer->where, can_do(t, CAN_DSN), &t->peer->d.reply);
	else
		outcome_reply(&a, t->peer->where, stage, &t->peer->d.reply);
	for (size_t i = 0; i < t->batched; i++)
		if (t->rcpt[t->batch[i]].state == RCPT_ACCEPTED)
			flight_answer(&t->rcpt[t->batch[i]], &a);
	if (stage == OUTCOME_DOT)
		t->begun = 0;
}

/* take_step - read its reply. */
static enum flight_result
take_step(struct transaction *t, enum step step, size_t which)
{
	static struct {
		unsigned int seconds;
		enum outcome_stage stage;
	} const wait[] = {
		[STEP_RSET] = { DIALOGUE_COMMAND, OUTCOME_MAIL },
		[STEP_MAIL] = { DIALOGUE_COMMAND, OUTCOME_MAIL },
		[STEP_RCPT] = { DIALOGUE_COMMAND, OUTCOME_RCPT },
		[STEP_DATA] = { DIALOGUE_DATA, OUTCOME_DATA },
		[STEP_BDAT] = { DIALOGUE_DOT, OUTCOME_DOT },
	};
	enum dialogue_result const r = dialogue_reply(&t->peer->d, wait[step].seconds);

	if (r != DIALOGUE_OK)
		return lost(t, t->sent && t->accepted ? OUTCOME_DOT : wait[step].stage, r);
	if (step == STEP_BDAT && is_too_early(t)) {
		t->sent = 0;
		return lost(t, OUTCOME_BODY, t->peer->d.unsent);
	}
	switch (step) {
	case STEP_RSET: break;
	case STEP_MAIL: judge_mail(t); break;
	case STEP_RCPT: judge_rcpt(t, &t->rcpt[which]); break;
	case STEP_DATA:
		t->go = t->peer->d.reply.code == 354;
		if (!t->go)
			judge_message(t, OUTCOME_DATA);
		break;
	case STEP_BDAT: judge_message(t, OUTCOME_DOT); break;
	}
	if (t->peer->d.reply.code != 421)
		return FLIGHT_OK;
	t->sent = 0; /* it says that it has not taken the message */
	if (step != STEP_MAIL && step != STEP_RSET)
		outcome_reply(&t->why, t->peer->where, wait[step].stage, &t->peer->d.reply);
	return FLIGHT_LOST;
}

/* one_by_one - for a server without PIPELINING. */
static enum flight_result
one_by_one(struct transaction *t, struct steps const *s)
{
	for (size_t i = 0; i < s->count; i++) {
		enum step const step = s->step[i];
		enum flight_result r;

		if (step > STEP_MAIL && !t->begun)
			break;
		if (step > STEP_RCPT && !t->accepted)
			break;
		put_step(t, step, s->which[i]);
		r = take_step(t, step, s->which[i]);
		if (r != FLIGHT_OK)
			return r;
	}
	return FLIGHT_OK;
}

static enum flight_result
pipelined(struct transaction *t, struct steps const *s)
{
	enum flight_result r = FLIGHT_OK;

	for (size_t i = 0; i < s->count; i++)
		put_step(t, s->step[i], s->which[i]);
	for (size_t i = 0; i < s->count && r == FLIGHT_OK; i++)
		r = take_step(t, s->step[i], s->which[i]);
	return r;
}

/* --- the message behind DATA --- */

static int
post_piece(void *posting, char const *data, size_t len)
{
	return posting_data(posting, data, len);
}

static int
plan_piece(void *mime, char const *data, size_t len)
{
	size_t none;

	mime_feed(mime, data, len, 0, 0, &none);
	return 1;
}

/* plan - what mime has to know before it converts: 1, or 0 with errno. */
static int
plan(struct transaction *t)
{
	mime_survey(&t->posting.mime, &t->plan);
	if (!content_each(&t->content, plan_piece, &t->posting.mime))
		return 0;
	mime_finish(&t->posting.mime, 0);
	return 1;
}

enum flight_result
flight_finish(struct transaction *t)
{
	enum dialogue_result r;

	posting_end(&t->posting);
	t->sent = dialogue_flush(&t->peer->d) == DIALOGUE_OK;
	r = dialogue_reply(&t->peer->d, DIALOGUE_DOT);
	if (r != DIALOGUE_OK)
		return lost(t, t->sent ? OUTCOME_DOT : OUTCOME_BODY, r);
	if (is_too_early(t))
		return lost(t, OUTCOME_BODY, t->peer->d.unsent);
	judge_message(t, OUTCOME_DOT);
	t->sent = 0;
	if (t->peer->d.reply.code != 421)
		return FLIGHT_OK;
	outcome_reply(&t->why, t->peer->where, OUTCOME_DOT, &t->peer->d.reply);
	return FLIGHT_LOST;
}

enum flight_result
flight_unreadable(struct transaction *t)
{
	char text[128] = "cannot read the message: ";

	strncat(text, strerrordesc_np(errno), sizeof text - strlen(text) - 1);
	stream_answer_set(&t->why, 'Z', "4.3.0", text);
	return FLIGHT_UNREADABLE;
}

static enum flight_result
post(struct transaction *t)
{
	unsigned int const remove = must_remove(t);

	if (dialogue_has_more(&t->peer->d))
		return astray(t, OUTCOME_DATA);
	if (remove && !plan(t))
		return flight_unreadable(t);
	posting_begin(&t->posting, &t->peer->d, remove, &t->plan);
	if (!content_each(&t->content, post_piece, &t->posting) && errno)
		return flight_unreadable(t);
	return flight_finish(t);
}

/* lone_dot - 354 though nobody is to have it (RFC 2920 3.1): an empty message for nobody. */
static enum flight_result
lone_dot(struct transaction *t)
{
	enum dialogue_result r;

	dialogue_put(&t->peer->d, ".\r\n", 3);
	r = dialogue_reply(&t->peer->d, DIALOGUE_DOT);
	if (r != DIALOGUE_OK)
		return lost(t, OUTCOME_BODY, r);
	t->begun = 0;
	return FLIGHT_OK;
}

enum flight_result
flight_run(struct transaction *t)
{
	struct steps s;
	enum flight_result r;

	t->replied = t->go = t->sent = 0;
	if (dialogue_has_more(&t->peer->d))
		return astray(t, t->begun ? OUTCOME_RCPT : OUTCOME_HELLO);
	list_steps(t, &s);
	if (!s.count)
		return FLIGHT_OK;
	r = can_do(t, CAN_PIPELINING) ? pipelined(t, &s) : one_by_one(t, &s);
	if (r == FLIGHT_OK && t->go)
		r = t->accepted ? post(t) : lone_dot(t);
	t->sent = t->sent && r != FLIGHT_OK;
	if (t->replied || t->begun)
		peer_worked(t->peer);
	return r;
}

enum flight_result
flight_stream(struct transaction *t)
{
	enum flight_result r;

	t->sent = t->go = 0;
	put_step(t, STEP_DATA, 0);
	r = take_step(t, STEP_DATA, 0);
	if (r == FLIGHT_OK && t->go && dialogue_has_more(&t->peer->d))
		return astray(t, OUTCOME_DATA);
	if (r == FLIGHT_OK && t->go)
		posting_begin(&t->posting, &t->peer->d, must_remove(t), 0);
	return r;
}
