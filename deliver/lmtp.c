#include "lmtp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "lmtpanswer.h"
#include "reason.h"

void
lmtp_init(struct lmtp *l, char const *where, char const *helo, int fd)
{
	l->where = where;
	l->helo = helo;
	l->down.code = 0;
	l->open = l->greeted = l->begun = l->go = l->posted = 0;
	dialogue_init(&l->d, 0);
	if (fd == -1 || !dialogue_start(&l->d, fd))
		reason_set(&l->down, 'Z', "4.4.1", where, ": ", strerrordesc_np(errno), (char *)0);
}

/* give_up - the connection is of no more use, and why is the answer to all that has none. */
static void
give_up(struct lmtp *l, struct answer const *why)
{
	dialogue_close(&l->d);
	l->down = *why;
	l->begun = l->go = 0;
}

static void
lost(struct lmtp *l, enum dialogue_result r)
{
	struct answer a;

	reason_set(&a, 'Z', "4.4.2", l->where, ": ", dialogue_why(&l->d, r), (char *)0);
	give_up(l, &a);
}

/* get - the next reply: 1, or 0 when the connection is gone. */
static int
get(struct lmtp *l, unsigned int seconds)
{
	enum dialogue_result const r = dialogue_reply(&l->d, seconds);

	if (r != DIALOGUE_OK)
		lost(l, r);
	return r == DIALOGUE_OK;
}

/* get_about - the same, and a 421 is the last word of a server. */
static int
get_about(struct lmtp *l, enum lmtpanswer_stage stage, unsigned int seconds)
{
	struct answer a;

	if (!get(l, seconds))
		return 0;
	if (l->d.reply.code != 421)
		return 1;
	lmtpanswer_set(&a, l->where, stage, &l->d.reply);
	give_up(l, &a);
	return 0;
}

static int
is_class(struct lmtp const *l, unsigned int class)
{
	return l->d.reply.code / 100 == class;
}

static void
put(struct lmtp *l, char const *s)
{
	dialogue_put(&l->d, s, strlen(s));
}

/* greet - greeting and LHLO: 1, or 0 and l->down. */
static int
greet(struct lmtp *l)
{
	struct answer a;
	char hello[LMTP_HELO_MAX + 8];

	if (l->greeted || l->down.code)
		return !l->down.code;
	if (get(l, DIALOGUE_GREETING) && is_class(l, 2)) {
		snprintf(hello, sizeof hello, "LHLO %.*s\r\n", LMTP_HELO_MAX, l->helo);
		put(l, hello);
		if (get(l, DIALOGUE_COMMAND) && is_class(l, 2)) {
			capabilities_read(&l->can, l->d.reply.text);
			l->greeted = 1;
			return 1;
		}
	}
	if (!l->down.code) {
		lmtpanswer_set(&a, l->where, LMTPANSWER_HELLO, &l->d.reply);
		give_up(l, &a);
	}
	return 0;
}

/* break_off - a message that has begun ends, without its end, with the connection only. */
static void
break_off(struct lmtp *l)
{
	struct answer a;

	reason_set(&a, 'Z', "4.4.2", l->where, ": the message before was broken off", (char *)0);
	give_up(l, &a);
}

/* --- the envelope --- */

static void
refuse(struct answer *a, enum letter_result r, char const *bad_address)
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
lmtp_mail(struct lmtp *l, struct frame const *f)
{
	l->open = 1;
	l->rcpts = l->accepted = 0;
	l->go = l->posted = 0;
	l->mail.code = 0;
	if (l->down.code)
		l->mail = l->down;
	else
		refuse(&l->mail, letter_mail(&l->letter, f), "5.1.7");
}

static int
is_refused(struct lmtp const *l)
{
	return l->mail.code && l->mail.code != 'K';
}

int
lmtp_rcpt(struct lmtp *l, struct frame const *f)
{
	struct lmtp_rcpt *r = &l->rcpt[l->rcpts];
	enum letter_result got;

	if (l->rcpts == LMTP_RCPTS_MAX)
		return 0;
	l->rcpts++;
	r->state = LMTP_OVER;
	r->answer.code = 0;
	if (is_refused(l)) {
		r->answer = l->mail;
		return 1;
	}
	r->letter = l->letter.rcpts;
	got = letter_rcpt(&l->letter, f);
	if (got == LETTER_OK)
		r->state = LMTP_WAITS;
	else
		refuse(&r->answer, got, "5.1.3");
	return 1;
}

/* --- the flight --- */

static void
put_mail(struct lmtp *l)
{
	/* what a store gets is never to be converted: 8 bits are always announced */
	struct commands_mail const m = { .size = l->letter.size, .eight = 1 };
	char text[COMMANDS_MAX];

	dialogue_put(&l->d, text, commands_mail(text, &l->letter, &m, &l->can));
}

static void
put_rcpt(struct lmtp *l, struct lmtp_rcpt const *r)
{
	char text[COMMANDS_MAX];

	dialogue_put(&l->d, text, commands_rcpt(text, &l->letter, r->letter, &l->can));
}

static void
take_mail(struct lmtp *l)
{
	if (!get_about(l, LMTPANSWER_MAIL, DIALOGUE_COMMAND)) {
		l->mail = l->down;
		return;
	}
	l->begun = is_class(l, 2);
	lmtpanswer_set(&l->mail, l->where, LMTPANSWER_MAIL, &l->d.reply);
}

static void
take_rcpt(struct lmtp *l, struct lmtp_rcpt *r)
{
	if (!get_about(l, LMTPANSWER_RCPT, DIALOGUE_COMMAND))
		return;
	if (!l->begun) { /* whatever it says now */
		r->state = LMTP_OVER;
		r->answer = l->mail;
	} else if (is_class(l, 2)) {
		r->state = LMTP_ACCEPTED;
		l->accepted++;
	} else {
		r->state = LMTP_OVER;
		lmtpanswer_set(&r->answer, l->where, LMTPANSWER_RCPT, &l->d.reply);
		if (r->answer.code == 'D' && l->letter.rcpt[r->letter].utf8 &&
		    !(l->can.offers & CAN_SMTPUTF8))
			memcpy(r->answer.status, "5.6.7", sizeof "5.6.7"); /* RFC 6531 3.5 */
	}
}

/* fail_waiting - those that the server has not answered. */
static void
fail_waiting(struct lmtp *l, struct answer const *a)
{
	for (size_t i = 0; i < l->rcpts; i++)
		if (l->rcpt[i].state == LMTP_WAITS) {
			l->rcpt[i].state = LMTP_OVER;
			l->rcpt[i].answer = *a;
		}
}

/* fail_accepted - those that have no answer to the message yet. */
static void
fail_accepted(struct lmtp *l, struct answer const *a)
{
	for (size_t i = 0; i < l->rcpts; i++)
		if (l->rcpt[i].state == LMTP_ACCEPTED && !l->rcpt[i].answer.code)
			l->rcpt[i].answer = *a;
}

static void
take_data(struct lmtp *l)
{
	struct answer a;

	l->posted = 1;
	if (!get_about(l, LMTPANSWER_DATA, DIALOGUE_DATA))
		return;
	l->go = l->d.reply.code == 354;
	if (l->go) {
		wireform_begin(&l->form, WIREFORM_DOTS | WIREFORM_LONG);
		return;
	}
	lmtpanswer_set(&a, l->where, LMTPANSWER_DATA, &l->d.reply);
	fail_accepted(l, &a);
}

/* one_by_one - for a server without PIPELINING, which RFC 2033 does not allow. */
static void
one_by_one(struct lmtp *l, int data)
{
	if (!l->mail.code) {
		put_mail(l);
		take_mail(l);
	}
	for (size_t i = 0; i < l->rcpts && l->begun; i++)
		if (l->rcpt[i].state == LMTP_WAITS) {
			put_rcpt(l, &l->rcpt[i]);
			take_rcpt(l, &l->rcpt[i]);
		}
	if (data && l->begun && l->accepted) {
		put(l, "DATA\r\n");
		take_data(l);
	}
}

static void
pipelined(struct lmtp *l, int data)
{
	int const mail = !l->mail.code;

	if (mail)
		put_mail(l);
	for (size_t i = 0; i < l->rcpts; i++)
		if (l->rcpt[i].state == LMTP_WAITS)
			put_rcpt(l, &l->rcpt[i]);
	if (data)
		put(l, "DATA\r\n");
	if (mail)
		take_mail(l);
	for (size_t i = 0; i < l->rcpts && !l->down.code; i++)
		if (l->rcpt[i].state == LMTP_WAITS)
			take_rcpt(l, &l->rcpt[i]);
	if (data && !l->down.code)
		take_data(l);
	if (l->go && !l->accepted) /* a message for nobody: RFC 2033 4.2 says 503 */
		break_off(l);
}

static int
has_waiting(struct lmtp const *l)
{
	for (size_t i = 0; i < l->rcpts; i++)
		if (l->rcpt[i].state == LMTP_WAITS)
			return 1;
	return 0;
}

/* fly - what is due goes out together, data: and DATA; then all the replies to it. */
static void
fly(struct lmtp *l, int data)
{
	if (is_refused(l))
		return;
	data = data && !l->posted && (l->accepted || has_waiting(l));
	if (!l->down.code && (data || !l->mail.code || has_waiting(l)) && greet(l)) {
		if (l->can.offers & CAN_PIPELINING)
			pipelined(l, data);
		else
			one_by_one(l, data);
	}
	if (l->down.code && !l->mail.code)
		l->mail = l->down;
	if (l->down.code)
		fail_accepted(l, &l->down);
	fail_waiting(l, l->down.code ? &l->down : &l->mail);
}

void
lmtp_settle(struct lmtp *l)
{
	fly(l, 0);
}

/* --- the message --- */

void
lmtp_data(struct lmtp *l, char const *data, size_t len)
{
	fly(l, 1);
	while (l->go && len) {
		size_t n;
		size_t const used = wireform_feed(&l->form, data, len, l->wire, sizeof l->wire, &n);

		dialogue_put(&l->d, l->wire, n);
		data += used;
		len -= used;
	}
}

void
lmtp_file(struct lmtp *l, int fd, uint64_t at, uint64_t len)
{
	ssize_t n;

	fly(l, 1);
	for (; l->go && len; at += (uint64_t)n, len -= (uint64_t)n) {
		n = pread(
		    fd, l->piece, len < sizeof l->piece ? (size_t)len : sizeof l->piece, (off_t)at);
		if (n > 0) {
			lmtp_data(l, l->piece, (size_t)n);
		} else if (n == -1 && errno == EINTR) {
			n = 0;
		} else {
			struct answer a;

			errno = n ? errno : ENODATA;
			reason_errno(&a, "4.3.0", "read the message", "");
			give_up(l, &a);
			fail_accepted(l, &a);
			return;
		}
	}
}

/* fail_rest - the message went out, but not all of its replies came in. */
static void
fail_rest(struct lmtp *l, int sent)
{
	struct answer a = l->down;

	if (sent)
		reason_set(&a, 'Z', "4.4.2", l->down.text, " after the final dot: may arrive twice",
		    (char *)0);
	fail_accepted(l, &a);
}

/* take_results - one reply for each recipient accepted, in their order (RFC 2033 4.2). */
static void
take_results(struct lmtp *l)
{
	int const sent = dialogue_flush(&l->d) == DIALOGUE_OK;

	for (size_t i = 0; i < l->rcpts; i++) {
		struct lmtp_rcpt *r = &l->rcpt[i];

		if (r->state != LMTP_ACCEPTED || r->answer.code)
			continue;
		if (!get(l, DIALOGUE_DOT)) {
			fail_rest(l, sent);
			return;
		}
		if (!sent && is_class(l, 2)) { /* it cannot have all of the message */
			lost(l, l->d.unsent);
			fail_rest(l, 0);
			return;
		}
		lmtpanswer_set(&r->answer, l->where, LMTPANSWER_DOT, &l->d.reply);
		if (l->d.reply.code == 421) { /* its last word: for all that follow too */
			give_up(l, &r->answer);
			fail_rest(l, 0);
			return;
		}
	}
	l->begun = 0;
}

void
lmtp_end(struct lmtp *l)
{
	fly(l, 1);
	if (l->go) {
		dialogue_put(&l->d, l->wire, wireform_end(&l->form, l->wire));
		l->go = 0;
		take_results(l);
	}
	lmtp_reset(l);
}

/* --- around it --- */

void
lmtp_reset(struct lmtp *l)
{
	l->open = 0;
	if (l->go) {
		break_off(l);
	} else if (l->begun) {
		put(l, "RSET\r\n");
		get(l, DIALOGUE_COMMAND);
	}
	l->begun = 0;
}

void
lmtp_keep(struct lmtp *l)
{
	enum dialogue_result r;

	if (l->down.code || !greet(l))
		return;
	if (l->go) {
		r = dialogue_flush(&l->d);
		if (r != DIALOGUE_OK)
			lost(l, r);
	} else {
		put(l, "NOOP\r\n");
		get(l, DIALOGUE_COMMAND);
	}
	if (l->down.code && l->open)
		fail_accepted(l, &l->down);
}

void
lmtp_quit(struct lmtp *l)
{
	if (!l->d.open)
		return;
	if (l->greeted && !l->go) {
		put(l, "QUIT\r\n");
		dialogue_flush(&l->d);
	}
	dialogue_close(&l->d);
}
