#include "lmtpserve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "body.h"
#include "stream.h"

static struct {
	struct lmtp *l;
	int one;       /* the source wants one answer for all recipients */
	int over;      /* the source is gone, or talks nonsense */
	int mail_due;  /* M waits for its answer */
	size_t told;   /* recipients whose R was answered */
	int has_begun; /* D or F came */
	struct body file;
	struct stream stream;
} self;

void
lmtpserve_prepare(void)
{
	struct timeval const limit = { .tv_sec = LMTPSERVE_KEEP };

	/* of a pipe it is no error: there the server may have closed when mail comes late */
	setsockopt(0, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

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
	struct lmtp const *l = self.l;

	if (self.mail_due && l->mail.code) {
		if (l->mail.code == 'K')
			answer('K', "2.1.0", "ok");
		else
			put(&l->mail);
		self.mail_due = 0;
	}
	while (!self.mail_due && self.told < l->rcpts) {
		struct lmtp_rcpt const *r = &l->rcpt[self.told];

		if (r->state == LMTP_WAITS)
			break;
		if (r->state == LMTP_ACCEPTED)
			answer('K', "2.1.5", "ok");
		else
			put(&r->answer);
		self.told++;
	}
}

static void
settle(void)
{
	if (self.l->open && (self.mail_due || self.told < self.l->rcpts)) {
		lmtp_settle(self.l);
		tell();
	}
}

/* client - which kind of source it is. */
static void
client(struct frame const *f)
{
	char const *field;
	size_t pos = 0, len;
	int protocol = 0, id = 0;

	while ((field = stream_field(f, &pos, &len))) {
		protocol |= len > 9 && !memcmp(field, "protocol=", 9);
		id |= len > 3 && !memcmp(field, "id=", 3);
	}
	self.one = protocol && !id;
}

static void
mail(struct frame const *f)
{
	if (self.l->open) {
		settle();
		answer('D', "5.5.1", "one message at a time");
		return;
	}
	lmtp_mail(self.l, f);
	self.mail_due = 1;
	self.told = 0;
	self.has_begun = 0;
	tell();
}

static void
rcpt(struct frame const *f)
{
	if (!self.l->open || self.has_begun) {
		settle();
		answer('D', "5.5.1", "a recipient belongs between sender and message");
		return;
	}
	if (self.one)
		settle();
	if (self.one && self.l->accepted) {
		answer('Z', "4.5.3", "one recipient at a time");
	} else if (!lmtp_rcpt(self.l, f)) {
		settle();
		answer('Z', "4.5.3", "too many recipients");
	} else {
		tell();
	}
}

static void
data(struct frame const *f)
{
	if (!self.l->open)
		return;
	self.over |= self.file.is_ours;
	self.has_begun = 1;
	lmtp_data(self.l, f->data, f->len);
	tell();
}

static void
file(struct frame const *f)
{
	if (!self.l->open || self.has_begun) {
		close(f->fd);
		self.over |= self.l->open;
		return;
	}
	self.over |= !body_file(&self.file, f);
	self.has_begun = 1;
}

/* tell_end - the answers to E. */
static void
tell_end(void)
{
	struct lmtp const *l = self.l;

	for (size_t i = 0; i < l->rcpts; i++) {
		struct answer a = l->rcpt[i].answer;

		if (l->rcpt[i].state == LMTP_ACCEPTED) {
			a.single = l->accepted > 1;
			put(&a);
		}
	}
	if (l->accepted)
		return;
	if (l->mail.code != 'K')
		put(&l->mail);
	else if (l->rcpts)
		put(&l->rcpt[0].answer);
	else
		answer('D', "5.5.1", "no recipient");
}

static void
end(void)
{
	if (!self.l->open) {
		answer('D', "5.5.1", "no sender");
		return;
	}
	if (self.file.is_ours)
		lmtp_file(self.l, self.file.fd, self.file.offset, self.file.len);
	lmtp_end(self.l);
	tell();
	tell_end();
	body_clear(&self.file);
}

static void
reset(void)
{
	settle();
	lmtp_reset(self.l);
	body_clear(&self.file);
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
	case STREAM_RESET: reset(); break;
	}
}

/* would_wait - the source has sent all that it has to say for now. */
static int
would_wait(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };

	return !stream_pending(&self.stream) && poll(&p, 1, 0) != 1; /* in doubt, answer */
}

int
lmtpserve(struct lmtp *l)
{
	struct frame f;
	enum stream_result r;

	self.l = l;
	body_init(&self.file);
	stream_init(&self.stream, 0, 1);
	do {
		if (l->open && (self.mail_due || self.told < l->rcpts) && would_wait())
			settle();
		r = stream_get(&self.stream, &f);
		if (r == STREAM_OK)
			take(&f);
		else if (r == STREAM_ERROR && errno == EAGAIN)
			lmtp_keep(l);
		else
			self.over = 1;
	} while (!self.over);
	body_clear(&self.file);
	lmtp_quit(l);
	return r == STREAM_EOF;
}
