/* each-message - run a program for each message, as qmail runs qmail-queue; see each-message.8 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "die.h"
#include "exits.h"
#include "log.h"
#include "priv.h"
#include "sandbox.h"
#include "starter.h"
#include "stream.h"

#define USAGE          "each-message program [argument ...]"
#define ENVELOPE_MAX   (1U << 20) /* octets of one message's envelope */
#define ADDRESS_OCTETS 1002       /* of an address: qmail-queue's limit */
#define FEED_LIMIT     300        /* seconds for PROG to take some more of a message */

extern struct sandbox_policy const each_message_policy;

struct session {
	int open;     /* M was accepted */
	int foreign;  /* F came, which we do not take */
	size_t rcpts; /* accepted Rs */
	int running;  /* PROG was started, and is to be waited for */
	int failed;   /* it could not be, or was too slow: end says why */
	struct starter_run run;
	struct starter_end end;
	size_t used;
	char envelope[ENVELOPE_MAX]; /* F, sender, NUL, T, recipient, NUL … */
};

static struct stream stream;
static struct session session;

static void
answer(char code, char const *status, char const *text)
{
	if (!stream_answer(&stream, code, status, text))
		die_temp("write an answer");
}

/*
 * feed - write to PROG. When it does not read any more, that is its own business: its
 * exit code says what becomes of the message. 0 only when it is too slow.
 */
static int
feed(int fd, char const *data, size_t len)
{
	while (len) {
		struct pollfd wait = { .fd = fd, .events = POLLOUT };
		ssize_t r = write(fd, data, len);

		if (r >= 0) {
			data += r;
			len -= (size_t)r;
		} else if (errno == EPIPE) {
			return 1;
		} else if (errno != EAGAIN && errno != EINTR) {
			die_temp("write to the program");
		} else if (!poll(&wait, 1, FEED_LIMIT * 1000)) {
			return 0;
		}
	}
	return 1;
}

/* stop - end PROG's input, the envelope first: without its last NUL the message is none. */
static void
stop(struct session *s)
{
	if (!s->running)
		return;
	close(s->run.envelope);
	close(s->run.message);
	s->running = 0;
	if (starter_wait(&s->end) == -1)
		die_temp("talk to the other half of this program");
}

static void
begin(struct session *s)
{
	int r;

	if (s->running || s->failed)
		return;
	r = starter_run(&s->run, &s->end);
	if (r == -1)
		die_temp("talk to the other half of this program");
	s->running = r;
	s->failed = !r;
}

static void
too_slow(struct session *s)
{
	stop(s);
	s->failed = 1;
	s->end.status = (int)EXITS_TIMEOUT << 8;
}

/* add_address - a letter, the address and NUL to the envelope; one octet stays for the end. */
static int
add_address(struct session *s, char letter, char const *address, size_t len)
{
	if (len + 3 > sizeof s->envelope - s->used)
		return 0;
	s->envelope[s->used++] = letter;
	memcpy(s->envelope + s->used, address, len);
	s->used += len;
	s->envelope[s->used++] = 0;
	return 1;
}

/* address - the frame's first field, if it is fit to be handed to a script. */
static char const *
address(struct frame const *f, size_t *len)
{
	size_t pos = 0;
	char const *field = stream_field(f, &pos, len);

	if (!field || *len > ADDRESS_OCTETS)
		return 0;
	for (size_t i = 0; i < *len; i++)
		if ((unsigned char)field[i] < ' ' || field[i] == 0x7f)
			return 0;
	return field;
}

static void
mail(struct session *s, struct frame const *f)
{
	size_t len;
	char const *sender = address(f, &len);

	if (s->open) {
		answer('D', "5.5.1", "one message at a time");
	} else if (!sender) {
		answer('D', "5.1.7", "bad sender address");
	} else {
		s->open = 1;
		s->foreign = s->failed = 0;
		s->rcpts = s->used = 0;
		add_address(s, 'F', sender, len);
		answer('K', "2.1.0", "ok");
	}
}

static void
rcpt(struct session *s, struct frame const *f)
{
	size_t len;
	char const *recipient = address(f, &len);

	if (!s->open || s->running || s->failed) {
		answer('D', "5.5.1", "a recipient belongs between sender and message");
	} else if (!recipient || !len) {
		answer('D', "5.1.3", "bad recipient address");
	} else if (!add_address(s, 'T', recipient, len)) {
		answer('Z', "4.5.3", "too many recipients");
	} else {
		s->rcpts++;
		answer('K', "2.1.5", "ok");
	}
}

static void
data(struct session *s, struct frame const *f)
{
	if (!s->open || !s->rcpts || s->foreign)
		return;
	begin(s);
	if (s->running && !feed(s->run.message, f->data, f->len))
		too_slow(s);
}

static void
file(struct session *s, struct frame const *f)
{
	close(f->fd);
	s->foreign = 1;
}

static void
forget(struct session *s)
{
	s->open = 0;
	stop(s);
}

/* finish - hand the envelope over, and see what PROG makes of the message. */
static void
finish(struct session *s)
{
	begin(s);
	if (!s->running)
		return;
	close(s->run.message); /* its end comes first: qmail-queue reads it first */
	s->run.message = -1;
	s->envelope[s->used++] = 0;
	if (!feed(s->run.envelope, s->envelope, s->used))
		too_slow(s);
	else
		stop(s);
}

static void
log_refusal(struct answer const *a, int status)
{
	if (a->code == 'K')
		return;
	log_begin("refused");
	log_str("reason", a->text);
	if (WIFEXITED(status))
		log_num("exit", (uint64_t)WEXITSTATUS(status));
	else
		log_num("signal", (uint64_t)WTERMSIG(status));
	log_end();
}

static void
end(struct session *s)
{
	struct answer a;

	if (!s->open || !s->rcpts) {
		stream_answer_set(&a, 'D', "5.5.1", "a message needs sender and recipient");
	} else if (s->foreign) {
		stream_answer_set(&a, 'D', "5.3.3", "each-message takes no descriptors");
	} else {
		finish(s);
		exits_answer(&a, s->end.status, s->end.said, s->end.len);
		log_refusal(&a, s->end.status);
	}
	forget(s);
	if (!stream_put_answer(&stream, &a))
		die_temp("write an answer");
}

static void
serve(struct session *s)
{
	struct frame f;
	enum stream_result r;

	stream_init(&stream, 0, 1);
	while ((r = stream_get(&stream, &f)) == STREAM_OK)
		switch (f.type) {
		case STREAM_CLIENT: break;
		case STREAM_MAIL: mail(s, &f); break;
		case STREAM_RCPT: rcpt(s, &f); break;
		case STREAM_DATA: data(s, &f); break;
		case STREAM_FILE: file(s, &f); break;
		case STREAM_END: end(s); break;
		case STREAM_RESET: forget(s); break;
		}
	if (r == STREAM_ERROR && errno == EPROTO)
		die_perm("malformed mail stream");
	if (r == STREAM_ERROR)
		die_temp("read the mail stream");
	forget(s);
}

int
main(int argc, char const *const *argv)
{
	log_open("each-message");
	if (argc < 2)
		die_usage(USAGE);
	signal(SIGPIPE, SIG_IGN);
	priv_drop_if_root(CONF_USER_SMTPD);
	starter_begin(argv + 1);
	sandbox_enter(&each_message_policy, 0, 0);
	serve(&session);
	return EXIT_DONE;
}
