#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <skalibs/types.h>

#include "utf8.h"

#define SYSLOG_PATH     "/dev/log"
#define SYSLOG_PRIORITY "<22>" /* facility mail (2), severity info (6); RFC 5424 6.2.1 */

#define ELLIPSIS "…"
#define TAIL     (sizeof ELLIPSIS - 1 + 2) /* kept free: the ellipsis, a quote, the newline */
#define ESCAPED  4                         /* octets of \xHH */

static char const *prog = "sallyport";
static int to_syslog;
static uint64_t pid;
static char line[LOG_LINE_MAX];
static size_t len;

/* room - how many octets of what is logged still fit. */
static size_t
room(void)
{
	return len < sizeof line - TAIL ? sizeof line - TAIL - len : 0;
}

/* add - the caller knows that there is room, or it is part of the TAIL. */
static void
add(char const *s, size_t n)
{
	memcpy(line + len, s, n);
	len += n;
}

static void
add_str(char const *s)
{
	add(s, strlen(s));
}

static void
add_num(uint64_t value)
{
	char text[UINT64_FMT];

	add(text, uint64_fmt(text, value));
}

static int
is_datagram(int fd)
{
	int type = 0;
	socklen_t size = sizeof type;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) && type == SOCK_DGRAM;
}

/* open_syslog - make descriptor 2 a connection to syslog, or to nothing. */
static void
open_syslog(void)
{
	struct sockaddr_un const address = { .sun_family = AF_UNIX, .sun_path = SYSLOG_PATH };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || connect(fd, (struct sockaddr const *)&address, sizeof address) == -1) {
		if (fd > 2)
			close(fd);
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	} else {
		to_syslog = 1;
	}
	if (fd == 2)
		fcntl(2, F_SETFD, 0);
	else if (fd != -1) {
		dup2(fd, 2);
		close(fd);
	}
}

void
log_open(char const *program)
{
	struct stat err, in;

	prog = program;
	pid = (uint64_t)getpid();
	if (fstat(2, &err) == -1) {
		/* keep 0 and 1 from being taken by what is opened next */
		while (fcntl(1, F_GETFD) == -1)
			if (open("/dev/null", O_RDWR) == -1)
				_exit(111);
		open_syslog();
	} else if (S_ISSOCK(err.st_mode)) {
		if (is_datagram(2))
			to_syslog = 1;
		else if (!fstat(0, &in) && in.st_dev == err.st_dev && in.st_ino == err.st_ino)
			open_syslog();
	}
}

void
log_begin(char const *event)
{
	len = 0;
	if (to_syslog)
		add_str(SYSLOG_PRIORITY);
	add_str(prog);
	add_str("[");
	add_num(pid);
	add_str("]: event=");
	add_str(event);
}

static int
is_plain(char c)
{
	return c > ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* begin_pair - " key=" and, when wanted, a quote; 0 if nothing of a value would fit behind it. */
static int
begin_pair(char const *key, int quote, size_t value)
{
	size_t n = strlen(key);

	if (room() < n + 3 + value)
		return 0;
	add(" ", 1);
	add(key, n);
	add("=\"", quote ? 2 : 1);
	return 1;
}

void
log_bytes(char const *key, char const *value, size_t n)
{
	static char const hex[] = "0123456789abcdef";
	int cut = n > LOG_VALUE_MAX;
	int quote = !n;
	char const *p = value, *end = value + (cut ? LOG_VALUE_MAX : n);

	while (p < end && !quote)
		quote = !is_plain(*p) || *p == '=', p++;
	if (!begin_pair(key, quote, ESCAPED))
		return;
	for (p = value; p < end && room() >= ESCAPED; p++) {
		unsigned char const c = (unsigned char)*p;
		char const escaped[ESCAPED] = { '\\', 'x', hex[c >> 4], hex[c & 15] };
		size_t const wide = utf8_size(p, end);

		if (wide)
			add(p, wide), p += wide - 1;
		else if (is_plain(*p) || c == ' ')
			add(p, 1);
		else
			add(escaped, sizeof escaped);
	}
	if (cut || p < end)
		add_str(ELLIPSIS);
	if (quote)
		add("\"", 1);
}

void
log_str(char const *key, char const *value)
{
	log_bytes(key, value, strlen(value));
}

void
log_num(char const *key, uint64_t value)
{
	if (begin_pair(key, 0, UINT64_FMT))
		add_num(value);
}

void
log_end(void)
{
	int e = errno;
	ssize_t r;

	if (!to_syslog)
		line[len++] = '\n';
	do
		r = write(2, line, len);
	while (r == -1 && errno == EINTR);
	errno = e;
}
