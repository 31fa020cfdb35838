#include "serve.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "header.h"
#include "reason.h"

enum state { IDLE, OPEN, REFUSED };

static struct {
	struct serve const *with;
	enum state state;
	int over;             /* end when the answers are out */
	int malformed;        /* and say that it is the source's fault */
	size_t rcpts;         /* accepted */
	int in_message;       /* D or F came */
	int is_file;          /* it was F */
	struct header header; /* of the message passing by */
	struct answer wrong;  /* with a code: what E will be answered, whatever still comes */
	struct mail mail;
	struct stream stream;
} self;

static void
answer(char code, char const *status, char const *text)
{
	if (!stream_answer(&self.stream, code, status, text))
		self.over = 1;
}

static void
put(struct answer const *a)
{
	if (!stream_put_answer(&self.stream, a))
		self.over = 1;
}

static void
forget(void)
{
	if (self.state == OPEN)
		delivery_forget(self.with->delivery, &self.mail);
	else if (self.state == REFUSED)
		self.over = 1;
	self.state = IDLE;
}

/* client - of the facts, only the queue's id is of use here. */
static void
client(struct frame const *f)
{
	char const *field;
	size_t pos = 0, len;

	*self.mail.id = 0;
	while ((field = stream_field(f, &pos, &len)))
		if (len > 3 && !memcmp(field, "id=", 3))
			snprintf(
			    self.mail.id, sizeof self.mail.id, "%.*s", (int)len - 3, field + 3);
}

/* is_kept - a parameter of MAIL that a forward takes along. */
static int
is_kept(char const *s, size_t len)
{
	static char const *const name[] = { "BODY=", "RET=", "ENVID=", "SMTPUTF8" };

	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		if (len >= strlen(name[i]) && !strncasecmp(s, name[i], strlen(name[i])))
			return 1;
	return 0;
}

/* read_mail - sender and parameters. */
static int
read_mail(struct frame const *f)
{
	struct mail *m = &self.mail;
	size_t pos = 0, len;
	char const *field = stream_field(f, &pos, &len);

	if (!stralloc_copyb(&m->sender, field ? field : "", field ? len : 0) ||
	    !stralloc_0(&m->sender))
		return 0;
	m->params.len = m->delivered.len = m->head.len = 0;
	while ((field = stream_field(f, &pos, &len)))
		if (is_kept(field, len) &&
		    (!stralloc_catb(&m->params, field, len) || !stralloc_0(&m->params)))
			return 0;
	return qmail_return_path(&m->head, m->sender.s);
}

static void
mail(struct frame const *f)
{
	if (self.state != IDLE) {
		answer('D', "5.5.1", "one message at a time");
		return;
	}
	if (self.with->watch && instructions_changed(self.with->watch)) {
		self.over = 1;
		return;
	}
	if (self.with->refusal.code) {
		self.state = REFUSED;
		put(&self.with->refusal);
		return;
	}
	if (!read_mail(f)) {
		answer('Z', "4.3.0", "out of memory");
		return;
	}
	self.state = OPEN;
	self.rcpts = 0;
	self.in_message = self.is_file = 0;
	self.wrong.code = 0;
	header_init(&self.header);
	answer('K', "2.1.0", "ok");
}

/* accept_rcpt - add its line; 1, or 0 no memory. */
static int
accept_rcpt(struct frame const *f, char const *address)
{
	struct mail *m = &self.mail;
	size_t start = m->delivered.len;
	size_t len;

	if (!qmail_delivered_to(&m->delivered, address) ||
	    !stralloc_catb(&m->head, m->delivered.s + start, m->delivered.len - start))
		return 0;
	len = strnlen(f->data, f->len) + 1;
	if (len > f->len)
		len = f->len;
	return stralloc_copyb(&m->rcptparams, f->data + len, f->len - len);
}

static void
rcpt(struct frame const *f)
{
	char const *only = self.with->only;
	char address[STREAM_FRAME_MAX];

	if (self.state == REFUSED) {
		put(&self.with->refusal);
		return;
	}
	if (self.state != OPEN || self.in_message) {
		answer('D', "5.5.1", "a recipient belongs between sender and message");
		return;
	}
	snprintf(address, sizeof address, "%.*s", (int)strnlen(f->data, f->len), f->data);
	if (only && strcasecmp(address, only) != 0)
		answer('Z', "4.3.0", "this sink is for another recipient");
	else if (self.rcpts == (only ? 1 : SERVE_RCPTS_MAX))
		answer('Z', "4.5.3", "too many recipients");
	else if (!accept_rcpt(f, only ? self.with->delivery->facts.recipient : address))
		answer('Z', "4.3.0", "out of memory");
	else
		self.rcpts++, answer('K', "2.1.5", "ok");
}

/* is_ours - whether a Delivered-To value names a recipient of this message. */
static int
is_ours(char const *value, size_t len)
{
	stralloc const *lines = &self.mail.delivered;
	size_t const name = strlen("Delivered-To: ");
	size_t n;

	for (size_t i = 0; i < lines->len; i += n + 1) {
		n = (size_t)((char *)memchr(lines->s + i, '\n', lines->len - i) - (lines->s + i));
		if (n == name + len && !strncasecmp(lines->s + i + name, value, len))
			return 1;
	}
	return 0;
}

/* scan - look for our own Delivered-To in the header. */
static void
scan(char const *s, size_t len)
{
	while (len && !self.wrong.code && !header_over(&self.header)) {
		size_t n = header_scan(&self.header, s, len);

		if (self.header.found && is_ours(self.header.value, self.header.valuelen))
			reason_set(&self.wrong, 'D', "5.4.6",
			    "the message is looping: it has this recipient's Delivered-To line already",
			    (char const *)0);
		s += n;
		len -= n;
	}
}

static void
data(struct frame const *f)
{
	struct body *b = &self.mail.body;
	int r;

	if (self.state != OPEN)
		return;
	self.malformed = self.is_file;
	self.in_message = 1;
	if (self.malformed || self.wrong.code || !self.rcpts)
		return;
	scan(f->data, f->len);
	r = body_add(b, f->data, f->len);
	if (!r && delivery_spill(self.with->delivery, &self.mail, &self.wrong))
		r = body_add(b, f->data, f->len);
	if (r == -1)
		reason_errno(&self.wrong, "4.3.0", "keep the message", "");
}

static void
file(struct frame const *f)
{
	if (self.state != OPEN || self.in_message) {
		close(f->fd);
		self.malformed = self.state == OPEN;
	} else {
		self.malformed = !body_file(&self.mail.body, f);
		self.in_message = self.is_file = 1;
	}
}

/* scan_file - the same for a message that did not pass by: as far as its header goes. */
static void
scan_file(struct body *b)
{
	size_t len;

	for (uint64_t at = 0; at < b->len && !header_over(&self.header); at += len) {
		char const *s = body_piece(b, at, &len);

		if (!s) {
			reason_errno(&self.wrong, "4.3.0", "read the message", "");
			return;
		}
		scan(s, len);
	}
}

static void
end(void)
{
	struct answer a;

	if (self.state == REFUSED) {
		put(&self.with->refusal);
	} else if (self.state != OPEN || !self.rcpts) {
		answer('D', "5.5.1", "no recipient");
	} else {
		if (self.is_file)
			scan_file(&self.mail.body);
		if (self.wrong.code)
			a = self.wrong;
		else
			delivery_run(self.with->delivery, &self.mail, &a);
		put(&a);
	}
	forget();
	if (self.with->delivery->gone)
		self.over = 1;
}

static void
take(struct frame const *f)
{
	switch (f->type) {
	case STREAM_CLIENT: client(f); break;
	case STREAM_MAIL: mail(f); break;
	case STREAM_RCPT: rcpt(f); break;
	case STREAM_DATA: data(f); break;
	case STREAM_FILE: file(f); break;
	case STREAM_END: end(); break;
	case STREAM_RESET: forget(); break;
	}
}

int
serve(struct serve const *s)
{
	struct frame f;
	enum stream_result r = STREAM_OK;

	self.with = s;
	body_init(&self.mail.body);
	stream_init(&self.stream, 0, 1);
	while (!self.over && !self.malformed && (r = stream_get(&self.stream, &f)) == STREAM_OK)
		take(&f);
	forget();
	return stream_flush(&self.stream) && !self.malformed && r != STREAM_ERROR;
}
