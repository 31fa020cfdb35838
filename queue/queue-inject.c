/* queue-inject - put messages into the queue, setuid for whoever has some; see queue-inject.8 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classic.h"
#include "config.h"
#include "die.h"
#include "exits.h"
#include "inject.h"
#include "log.h"
#include "priv.h"
#include "rest.h"
#include "sandbox.h"
#include "stream.h"
#include "submit.h"

#define USAGE "queue-inject [-1 | -w]"

extern struct sandbox_policy const queue_inject_policy;

/* The mail stream's side of a connection. */
struct session {
	uid_t uid;                  /* who called us */
	struct submit_frame client; /* the C frame of each message */
	struct submit_frame path;
	int open;       /* M was accepted */
	size_t rcpts;   /* accepted Rs */
	int in_message; /* D has begun: the envelope is complete */
	int foreign;    /* F came, which we do not take */
};

static struct stream stream;
static struct inject inject;

static void
answer(char code, char const *status, char const *text)
{
	if (!stream_answer(&stream, code, status, text))
		die_temp("write an answer");
}

/* answer_trouble - say that the message could not be written; why is for the log. */
static void
answer_trouble(void)
{
	log_begin("trouble");
	log_str("reason", "unable to write to " CONF_QUEUEDIR "/mess");
	log_str("error", strerrordesc_np(inject.error));
	log_end();
	if (inject_no_room(&inject))
		answer('Z', "4.3.1", "no room in the queue");
	else
		answer('Z', "4.3.0", "the queue cannot be written");
}

static void
forget(struct session *s)
{
	if (s->open)
		inject_forget(&inject);
	s->open = 0;
}

static void
mail(struct session *s, struct frame const *f)
{
	enum submit_result r;

	if (s->open) {
		answer('D', "5.5.1", "one message at a time");
		return;
	}
	r = submit_path(&s->path, f);
	if (r != SUBMIT_OK) {
		answer('D', r == SUBMIT_BAD_ADDRESS ? "5.1.7" : "5.5.4",
		    r == SUBMIT_BAD_ADDRESS ? "bad sender address" : "bad parameter");
		return;
	}
	inject_begin(&inject);
	inject.regions.envelope = inject_size(&inject);
	inject_frame(&inject, STREAM_CLIENT, s->client.data, s->client.len);
	inject_frame(&inject, STREAM_MAIL, s->path.data, s->path.len);
	s->open = 1;
	s->rcpts = 0;
	s->in_message = s->foreign = 0;
	answer('K', "2.1.0", "ok");
}

static void
rcpt(struct session *s, struct frame const *f)
{
	enum submit_result r;

	if (!s->open || s->in_message) {
		answer('D', "5.5.1", "a recipient belongs between sender and message");
		return;
	}
	r = submit_path(&s->path, f);
	if (r != SUBMIT_OK)
		answer('D', r == SUBMIT_BAD_ADDRESS ? "5.1.3" : "5.5.4",
		    r == SUBMIT_BAD_ADDRESS ? "bad recipient address" : "bad parameter");
	else if (s->rcpts == MESSAGE_RCPTS_MAX ||
		 inject_size(&inject) + STREAM_FRAME_MAX > MESSAGE_ENVELOPE_MAX)
		answer('Z', "4.5.3", "too many recipients");
	else {
		inject_frame(&inject, STREAM_RCPT, s->path.data, s->path.len);
		s->rcpts++;
		answer('K', "2.1.5", "ok");
	}
}

/* begin_message - the envelope is complete, the message comes behind it. */
static void
begin_message(struct session *s)
{
	if (s->in_message)
		return;
	s->in_message = 1;
	inject.regions.message = inject_size(&inject);
	inject.regions.envelopelen = inject.regions.message - inject.regions.envelope;
}

static void
data(struct session *s, struct frame const *f)
{
	if (!s->open)
		return; /* its M was refused: the source did not wait for that */
	begin_message(s);
	inject_put(&inject, f->data, f->len);
}

/* file - refused: reading a caller's descriptor with our rights is no service of ours. */
static void
file(struct session *s, struct frame const *f)
{
	close(f->fd);
	if (s->open)
		s->foreign = 1;
}

static void
end(struct session *s)
{
	char text[sizeof "queued as " + MESSAGE_ID_MAX] = "queued as ";

	if (!s->open || !s->rcpts) {
		forget(s);
		answer('D', "5.5.1", "a message needs sender and recipient");
		return;
	}
	if (s->foreign) {
		forget(s);
		answer('D', "5.3.3", "queue-inject takes no descriptors");
		return;
	}
	begin_message(s);
	inject.regions.messagelen = inject_size(&inject) - inject.regions.message;
	s->open = 0;
	if (inject_commit(&inject, text + strlen(text)))
		answer('K', "2.0.0", text);
	else
		answer_trouble();
}

static void
serve(uid_t uid, int waits)
{
	static struct session s;
	struct frame f;
	enum stream_result r;

	s.uid = uid;
	submit_client(&s.client, uid, 0);
	stream_init(&stream, 0, 1);
	if (waits)
		rest();
	while ((r = stream_get(&stream, &f)) == STREAM_OK)
		switch (f.type) {
		case STREAM_CLIENT: submit_client(&s.client, s.uid, &f); break;
		case STREAM_MAIL: mail(&s, &f); break;
		case STREAM_RCPT: rcpt(&s, &f); break;
		case STREAM_DATA: data(&s, &f); break;
		case STREAM_FILE: file(&s, &f); break;
		case STREAM_END: end(&s); break;
		case STREAM_RESET: forget(&s); break;
		}
	if (r == STREAM_ERROR && errno == EPROTO)
		die_perm("malformed mail stream");
	if (r == STREAM_ERROR)
		die_temp("read the mail stream");
}

/*
 * distrust - undo what a caller can have prepared for a setuid program. Ignoring SIGXFSZ
 * turns a low file size limit into an error of write; whatever else its limits and
 * signals break, they break for the caller's own message.
 */
static void
distrust(void)
{
	sigset_t none;

	sigemptyset(&none);
	close_range(3, ~0U, 0);
	clearenv();
	umask(0);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1 || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR || sigprocmask(SIG_SETMASK, &none, 0) == -1)
		die_temp("prepare the process");
}

/*
 * become_queue - be the owner of this program's file in every respect. Only root's own
 * call can shed its groups: they are worth nothing behind the sandbox, but may show that.
 */
static void
become_queue(uid_t caller)
{
	uid_t const queue = geteuid();

	if (!caller && !seteuid(0)) {
		priv_drop_if_root(CONF_USER_QUEUE);
		return;
	}
	if (!queue || setresuid(queue, queue, queue) == -1)
		die_temp("drop privileges");
}

static void
too_late(int signal)
{
	(void)signal;
	_exit(EXITS_TIMEOUT);
}

/* mode_of - '1' called as qmail-queue, or told to be; 'w' told that it will wait for long; or 0. */
static char
mode_of(char const *const *argv)
{
	char const *slash = argv[0] ? strrchr(argv[0], '/') : 0;

	if (argv[0] && !strcmp(slash ? slash + 1 : argv[0], "qmail-queue"))
		return '1';
	if (!argv[0] || !argv[1])
		return 0;
	if (argv[2] || (strcmp(argv[1], "-1") != 0 && strcmp(argv[1], "-w") != 0))
		die_usage(USAGE);
	return argv[1][1];
}

int
main(int argc, char const *const *argv)
{
	uid_t const caller = getuid();
	pid_t const pid = getpid();
	char const *what;
	char mode;
	int classic;

	(void)argc;
	log_open("queue-inject");
	mode = mode_of(argv);
	classic = mode == '1';
	distrust();
	if (classic) {
		signal(SIGALRM, too_late);
		alarm(CLASSIC_TIMEOUT);
	}
	if (!inject_open(&what)) {
		if (classic)
			_exit(EXITS_QUEUE);
		die_temp("open ", what);
	}
	become_queue(caller);

	struct sandbox_tree const mess = {
		INJECT_MESS_FD,
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG,
	};
	sandbox_enter(&queue_inject_policy, &mess, 1);
	if (classic)
		return (int)classic_queue(&inject, caller, pid);
	serve(caller, mode == 'w');
	return EXIT_DONE;
}
