/*
 * A whole session: any octets from the client, any pattern of answers from the next
 * program. Replies must be replies, the mail stream well formed, no message with a CR in
 * it committed, and no 250 said to a message that was not.
 */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../fuzz.h"
#include "chain.h"
#include "talk.h"

#define INPUT_MAX   30000
#define ANSWERS     400
#define ROOM        (1 << 20) /* octets that a socket must hold: nobody reads meanwhile */
#define CLIENT_SIDE 20
#define NEXT_SIDE   21

/* A process for one connection frees nothing. */
char const *__asan_default_options(void);
char const *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

static struct settings set;
static struct client client;
static struct judge judge;
static struct talk talk;
static struct stream stream;
static char me[] = "hamburger.edu";

static stralloc
text(char *s)
{
	return (stralloc){ s, strlen(s), strlen(s) + 1 };
}

static void
settle(uint8_t options)
{
	set = (struct settings){
		.idle = 5,
		.total = 20,
		.maxrcpt = 5,
		.maxmail = 20,
		.maxerrors = 30,
		.maxhops = 9,
		.databytes = options & 1 ? 2000 : 0,
		.convert = options & 2,
		.refuse_early = options & 4,
		.lenient = options & 8,
		.me = text(me),
		.greeting = text(me),
		.relay = "",
	};
	judge = (struct judge){ .set = &set, .client = &client };
	judge.db.me = judge.db.locals = text(me);
	judge.db.passwd = judge.db.usersfd = judge.db.aliasesfd = judge.overquota = -1;
}

/* wire - a socket pair on fixed descriptors, wide enough that no writer waits. */
static void
wire(int ours, int theirs)
{
	int fd[2], size = ROOM;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0);
	for (int i = 0; i < 2; i++) {
		setsockopt(fd[i], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
		must(dup2(fd[i], 40 + i) != -1 && close(fd[i]) == 0);
	}
	must(dup2(40, ours) != -1 && dup2(41, theirs) != -1);
	close(40);
	close(41);
}

static void
answer(uint8_t pattern)
{
	for (int i = 0; i < ANSWERS; i++) {
		int const no = pattern && i % 7 == pattern % 7;
		char const *const say = !no              ? "9:K2.0.0 ok,"
					: pattern & 0x80 ? "9:D5.0.0 no,"
							 : "9:Z4.0.0 no,";

		must(write(NEXT_SIDE, say, 12) == 12);
	}
	shutdown(NEXT_SIDE, SHUT_WR);
}

/* read_replies - each is a line of ours; returns how many messages were accepted. */
static size_t
read_replies(void)
{
	static char got[ROOM];
	size_t len = 0, accepted = 0;
	ssize_t r;

	while ((r = recv(CLIENT_SIDE, got + len, sizeof got - len, MSG_DONTWAIT)) > 0)
		len += (size_t)r;
	for (char const *p = got, *end; p < got + len; p = end + 2) {
		end = memmem(p, (size_t)(got + len - p), "\r\n", 2);
		must(end && end - p >= 3 && p[0] >= '2' && p[0] <= '5' && p[1] >= '0' &&
		     p[1] <= '9');
		must(end - p == 3 || p[3] == ' ' || p[3] == '-');
		must(!memchr(p, '\n', (size_t)(end - p)) && !memchr(p, 0, (size_t)(end - p)));
		accepted += memmem(p, (size_t)(end - p), "Message accepted", 16) != 0;
	}
	return accepted;
}

/* read_stream - what the next program saw; returns how many messages it was to commit. */
static size_t
read_stream(void)
{
	struct frame f;
	size_t ends = 0;
	int open = 0;

	stream_init(&stream, NEXT_SIDE, -1);
	while (stream_get(&stream, &f) == STREAM_OK)
		switch (f.type) {
		case STREAM_CLIENT: must(!open); break;
		case STREAM_MAIL: open = 1; break;
		case STREAM_RCPT: must(open); break;
		case STREAM_DATA: must(open && !memchr(f.data, '\r', f.len)); break;
		case STREAM_END:
			must(open);
			open = 0;
			ends++;
			break;
		case STREAM_RESET: open = 0; break;
		case STREAM_FILE: must(0);
		}
	must(!stream_pending(&stream));
	return ends;
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static int quiet;

	if (size < 3 || size > INPUT_MAX)
		return 0;
	if (!quiet) {
		quiet = fcntl(open("/dev/null", O_WRONLY | O_CLOEXEC), F_DUPFD_CLOEXEC, 60);
		signal(SIGPIPE, SIG_IGN);
	}
	settle(data[0]);
	wire(CLIENT_SIDE, 22);
	wire(CHAIN_FD, NEXT_SIDE);
	must(dup2(22, 0) != -1 && dup2(22, 1) != -1 && close(22) == 0);
	must(write(CLIENT_SIDE, data + 2, size - 2) == (ssize_t)(size - 2));
	shutdown(CLIENT_SIDE, SHUT_WR);
	answer(data[1]);

	int const err = fcntl(2, F_DUPFD_CLOEXEC, 60);
	must(err != -1 && dup2(quiet, 2) != -1);
	memset(&talk, 0, offsetof(struct talk, wire));
	talk_init(&talk, &set, &client, &judge, TLS_NONE, 0);
	talk_run(&talk);
	must(dup2(err, 2) != -1);
	close(err);
	close(0);
	close(1);
	shutdown(CHAIN_FD, SHUT_WR);

	size_t const accepted = read_replies();
	must(accepted <= read_stream());
	close(CHAIN_FD);
	close(CLIENT_SIDE);
	close(NEXT_SIDE);
	return 0;
}
