#include "transaction.h"

#include <string.h>

#include "flight.h"
#include "log.h"

void
transaction_init(struct transaction *t, struct peer *peer)
{
	t->peer = peer;
	t->open = t->begun = t->streaming = 0;
	*t->id = 0;
	content_init(&t->content);
}

/* --- results --- */

static int
is_mail_refused(struct transaction const *t)
{
	return t->mail.code && t->mail.code != 'K';
}

/* fail_all - everything that has no answer yet has this one. */
static void
fail_all(struct transaction *t, struct answer const *a)
{
	if (!t->mail.code)
		t->mail = *a;
	for (size_t i = 0; i < t->rcpts; i++)
		flight_answer(&t->rcpt[i], a);
}

/* --- from one connection to the next --- */

/* start - a server that can have the message: 1, or 0 and t->why. */
static int
start(struct transaction *t)
{
	struct survey const *survey = t->final ? &t->content.survey : 0;

	if (!peer_get(t->peer, needs_tls(&t->letter, survey), &t->reused, &t->why) ||
	    !needs_check(&t->why, t->peer->where, &t->letter, survey, &t->peer->can,
		peer_is_verified(t->peer)) ||
	    !peer_ticket(t->peer, &t->why))
		return 0;
	t->peer->mails++;
	t->batched = t->asked = t->accepted = 0;
	return 1;
}

/* fill_batch - those that wait come into the SMTP transaction, as many as it may have. */
static void
fill_batch(struct transaction *t)
{
	uint64_t most = TRANSACTION_RCPTS_MAX;

	if (t->peer->can.rcptmax && t->peer->can.rcptmax < most)
		most = t->peer->can.rcptmax;
	for (size_t i = 0; i < t->rcpts && t->batched < most; i++) {
		struct transaction_rcpt *r = &t->rcpt[i];

		if (r->state != RCPT_WAITS)
			continue;
		if (needs_rcpt(&r->answer, t->peer->where, &t->letter, r->letter, &t->peer->can)) {
			r->state = RCPT_ASKED;
			t->batch[t->batched++] = i;
		} else {
			r->state = RCPT_OVER;
		}
	}
}

/* may_begin_again - nobody was told anything of it, and the server has not taken it. */
static int
may_begin_again(struct transaction const *t, int was_begun)
{
	return !was_begun && !t->settled && !(t->sent && t->replied);
}

/* begin_again - as if the flight had never been. */
static void
begin_again(struct transaction *t)
{
	if (t->reused && !t->replied)
		peer_dropped(t->peer);
	else
		peer_failed(t->peer, &t->why);
	for (size_t i = 0; i < t->batched; i++) {
		struct transaction_rcpt *r = &t->rcpt[t->batch[i]];

		r->state = RCPT_WAITS;
		r->answer.code = 0;
	}
	t->begun = 0;
	t->batched = 0;
}

/* note_doubt - the log has to say when a message may come twice. */
static void
note_doubt(struct transaction const *t)
{
	if (!t->sent)
		return;
	log_begin("in-doubt");
	if (*t->id)
		log_str("id", t->id);
	log_str("host", t->peer->where);
	log_str("text", t->why.text);
	log_end();
}

/* give_up - nothing of it can be saved: the answer is t->why. */
static void
give_up(struct transaction *t)
{
	note_doubt(t);
	fail_all(t, &t->why);
	t->begun = 0;
	peer_close(t->peer);
}

/* run - one SMTP transaction, or the next part of it. */
static void
run(struct transaction *t)
{
	for (;;) {
		int const was_begun = t->begun;
		struct answer const mail = t->mail;
		enum flight_result r;

		if (!was_begun && !start(t)) {
			fail_all(t, &t->why);
			return;
		}
		fill_batch(t);
		if (!was_begun && !t->batched && t->rcpts)
			return; /* each address needs what the server has not */
		r = flight_run(t);
		if (is_mail_refused(t))
			fail_all(t, &t->mail); /* those behind the batch hear the same */
		if (r == FLIGHT_OK)
			return;
		if (r == FLIGHT_LOST && may_begin_again(t, was_begun)) {
			begin_again(t);
			t->mail = mail;
			continue;
		}
		give_up(t);
		return;
	}
}

/* --- what the source asks for --- */

/* leave - the transaction is over; the server may have to forget it. */
static void
leave(struct transaction *t)
{
	if (t->streaming && t->peer->d.open)
		peer_close(t->peer); /* in the middle of a message: nothing else ends it */
	if (t->begun && t->peer->d.open)
		t->peer->dirty = 1;
	t->begun = t->streaming = 0;
}

void
transaction_reset(struct transaction *t)
{
	leave(t);
	content_begin(&t->content);
	t->open = 0;
}

static void
refuse_path(struct answer *a, enum letter_result r, char const *bad_address)
{
	switch (r) {
	case LETTER_OK: break;
	case LETTER_BAD_ADDRESS: stream_answer_set(a, 'D', bad_address, "bad address"); break;
	case LETTER_BAD_PARAM: stream_answer_set(a, 'D', "5.5.4", "bad parameter"); break;
	case LETTER_TOO_MUCH: stream_answer_set(a, 'Z', "4.5.3", "too many recipients"); break;
	case LETTER_NOMEM: stream_answer_set(a, 'Z', "4.3.0", "out of memory"); break;
	}
}

void
transaction_mail(struct transaction *t, struct frame const *f)
{
	t->open = 1;
	t->mail.code = 0;
	t->rcpts = 0;
	t->batched = t->asked = t->accepted = 0;
	t->settled = t->final = t->streaming = 0;
	peer_begin(t->peer);
	refuse_path(&t->mail, letter_mail(&t->letter, f), "5.1.7");
}

int
transaction_rcpt(struct transaction *t, struct frame const *f)
{
	struct transaction_rcpt *r = &t->rcpt[t->rcpts];
	enum letter_result got;

	if (t->rcpts == LETTER_RCPTS_MAX)
		return 0;
	t->rcpts++;
	r->state = RCPT_OVER;
	r->answer.code = 0;
	if (is_mail_refused(t)) {
		r->answer = t->mail;
		return 1;
	}
	r->letter = t->letter.rcpts;
	got = letter_rcpt(&t->letter, f);
	if (got == LETTER_OK)
		r->state = RCPT_WAITS;
	else
		refuse_path(&r->answer, got, "5.1.3");
	return 1;
}

static int
has_waiting(struct transaction const *t)
{
	for (size_t i = 0; i < t->rcpts; i++)
		if (t->rcpt[i].state == RCPT_WAITS)
			return 1;
	return 0;
}

/* run_one - the one SMTP transaction that there can be: whoever has no room in it is told so. */
static void
run_one(struct transaction *t)
{
	struct answer many;

	run(t);
	stream_answer_set(&many, 'Z', "4.5.3", "too many recipients");
	for (size_t i = 0; i < t->rcpts; i++)
		if (t->rcpt[i].state == RCPT_WAITS)
			flight_answer(&t->rcpt[i], &many);
}

void
transaction_settle(struct transaction *t)
{
	if (!t->open || is_mail_refused(t) || t->streaming || (t->mail.code && !has_waiting(t)))
		return;
	run_one(t);
	t->settled = 1;
}

/* stream_start - more came than is kept: it goes out as it comes. */
static void
stream_start(struct transaction *t)
{
	transaction_settle(t);
	if (!t->begun || !t->accepted)
		return;
	if (flight_stream(t) != FLIGHT_OK)
		give_up(t);
	else if (t->go) {
		t->streaming = 1;
		posting_data(&t->posting, t->content.small, t->content.used);
	}
}

void
transaction_data(struct transaction *t, char const *data, size_t len)
{
	int const passing = t->content.passing;

	if (!t->open || is_mail_refused(t) || content_data(&t->content, data, len))
		return;
	if (!passing)
		stream_start(t);
	if (t->streaming)
		posting_data(&t->posting, data, len);
}

int
transaction_file(struct transaction *t, struct frame const *f)
{
	return content_file(&t->content, f);
}

/* end_whole - the message is all there: whatever was not sent yet. */
static void
end_whole(struct transaction *t)
{
	if (!content_survey(&t->content)) {
		flight_unreadable(t);
		fail_all(t, &t->why);
		return;
	}
	t->final = 1;
	/* after an answer was told, recipients may still have come together with the message */
	if (t->settled && ((t->begun && t->accepted) || has_waiting(t)))
		run_one(t);
	while (!t->settled && !is_mail_refused(t) && has_waiting(t)) {
		run(t);
		leave(t);
	}
}

void
transaction_end(struct transaction *t)
{
	if (t->streaming) {
		t->streaming = 0;
		if (flight_finish(t) != FLIGHT_OK)
			give_up(t);
	} else if (!is_mail_refused(t) && !t->content.passing) {
		end_whole(t);
	}
	if (!t->mail.code) /* each recipient was refused here: that says it all */
		stream_answer_set(&t->mail, 'K', "2.1.0", "ok");
	leave(t);
	content_begin(&t->content);
	t->open = 0;
}
