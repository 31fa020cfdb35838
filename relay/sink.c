#include "sink.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

static struct {
	struct transaction *t;
	int over;       /* the source is gone, or talks nonsense */
	int mail_due;   /* M waits for its answer */
	size_t told;    /* recipients whose R was answered */
	int is_message; /* D or F came */
	int is_file;    /* it was F */
	struct stream stream;
} self;

static void
put(struct answer const *a)
{
	if (!stream_put_answer(&self.stream, a))
		self.over = 1;
}

static void
answer(char code, char const *status, char const *text)
{
	struct answer a;

	stream_answer_set(&a, code, status, text);
	put(&a);
}

/* tell - what is known of M and of each R by now. */
static void
tell(void)
{
	struct transaction const *t = self.t;

	if (self.mail_due && t->mail.code) {
		put(&t->mail);
		self.mail_due = 0;
	}
	while (!self.mail_due && self.told < t->rcpts) {
		struct transaction_rcpt const *r = &t->rcpt[self.told];

		if (r->state == RCPT_ACCEPTED)
			answer('K', "2.1.5", "ok");
		else if (r->state == RCPT_OVER)
			put(&r->answer);
		else
			break;
		self.told++;
	}
}

static int
same(struct answer const *a, struct answer const *b)
{
	return a->code == b->code && !strcmp(a->status, b->status) && !strcmp(a->text, b->text);
}

int
sink_verdict(struct transaction const *t, struct answer *a)
{
	int any = 0;

	stream_answer_set(a, 'D', "5.5.1", "no recipient");
	if (t->mail.code && t->mail.code != 'K') {
		*a = t->mail;
		return 1;
	}
	for (size_t i = 0; i < t->rcpts; i++) {
		struct transaction_rcpt const *r = &t->rcpt[i];

		if (r->state != RCPT_ACCEPTED) {
			if (!any)
				*a = r->answer;
			continue;
		}
		if (any && !same(a, &r->answer))
			return 0;
		*a = r->answer;
		any = 1;
	}
	return 1;
}

/* tell_end - the answers to E. */
static void
tell_end(void)
{
	struct transaction const *t = self.t;
	struct answer a;

	if (sink_verdict(t, &a)) {
		put(&a);
		return;
	}
	for (size_t i = 0; i < t->rcpts; i++)
		if (t->rcpt[i].state == RCPT_ACCEPTED) {
			a = t->rcpt[i].answer;
			a.single = 1;
			put(&a);
		}
}

/* would_wait - the source has sent all that it has to say for now. */
static int
would_wait(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };

	return !stream_pending(&self.stream) && poll(&p, 1, 0) != 1; /* in doubt, answer */
}

static void
settle(void)
{
	if (self.t->open && (self.mail_due || self.told < self.t->rcpts)) {
		transaction_settle(self.t);
		tell();
	}
}

/* client - what the source calls the message, for the log. */
static void
client(struct frame const *f)
{
	char const *field;
	size_t pos = 0, len;

	*self.t->id = 0;
	while ((field = stream_field(f, &pos, &len)))
		if (len > 3 && !memcmp(field, "id=", 3))
			snprintf(self.t->id, sizeof self.t->id, "%.*s", (int)len - 3, field + 3);
}

static void
mail(struct frame const *f)
{
	if (self.t->open) {
		settle();
		answer('D', "5.5.1", "one message at a time");
		return;
	}
	transaction_mail(self.t, f);
	self.mail_due = 1;
	self.told = 0;
	self.is_message = self.is_file = 0;
	tell();
}

static void
rcpt(struct frame const *f)
{
	if (!self.t->open || self.is_message) {
		settle();
		answer('D', "5.5.1", "a recipient belongs between sender and message");
	} else if (!transaction_rcpt(self.t, f)) {
		settle();
		answer('Z', "4.5.3", "too many recipients");
	} else {
		tell();
	}
}

static void
file(struct frame const *f)
{
	if (!self.t->open) {
		close(f->fd);
		return;
	}
	self.over |= self.is_message || !transaction_file(self.t, f);
	self.is_message = self.is_file = 1;
}

static void
end(void)
{
	if (!self.t->open) {
		answer('D', "5.5.1", "no sender");
		return;
	}
	transaction_end(self.t);
	tell();
	tell_end();
}

static void
take(struct frame const *f)
{
	switch (f->type) {
	case STREAM_CLIENT: client(f); break;
	case STREAM_MAIL: mail(f); break;
	case STREAM_RCPT: rcpt(f); break;
	case STREAM_DATA:
		self.over |= self.t->open && self.is_file;
		self.is_message = 1;
		transaction_data(self.t, f->data, f->len);
		tell();
		break;
	case STREAM_FILE: file(f); break;
	case STREAM_END: end(); break;
	case STREAM_RESET:
		settle();
		transaction_reset(self.t);
		break;
	}
}

int
sink_run(struct transaction *t)
{
	struct frame f;
	enum stream_result r = STREAM_OK;

	self.t = t;
	stream_init(&self.stream, 0, 1);
	while (!self.over) {
		if (t->open && (self.mail_due || self.told < t->rcpts) && would_wait())
			settle();
		r = stream_get(&self.stream, &f);
		if (r != STREAM_OK)
			break;
		take(&f);
	}
	transaction_reset(t);
	if (self.over)
		errno = EPROTO;
	return !self.over && r == STREAM_EOF;
}
