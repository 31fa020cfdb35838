#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <skalibs/types.h>

#define SYSLOG_PATH "/dev/log"
#define SYSLOG_PRIORITY "<22>" /* facility mail (2), severity info (6); RFC 5424 6.2.1 */

static char const *prog = "sallyport";
static int to_syslog;
static uint64_t pid;
static char line[LOG_LINE_MAX];
static size_t len;

/* room - how many octets still fit, one kept for the newline. */
static size_t
room(void)
{
	return sizeof line - 1 - len;
}

static void
add(char const *s, size_t n)
{
	if (n > room())
		n = room();
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
is_plain(unsigned char c)
{
	return c > ' ' && c != '"' && c != '\\' && c != 0x7f;
}

void
log_bytes(char const *key, char const *value, size_t n)
{
	static char const hex[] = "0123456789abcdef";
	int cut = n > LOG_VALUE_MAX;
	int quote = !n;

	if (cut)
		n = LOG_VALUE_MAX;
	for (size_t i = 0; i < n && !quote; i++)
		quote = !is_plain((unsigned char)value[i]) || value[i] == '=';
	add_str(" ");
	add_str(key);
	add_str(quote ? "=\"" : "=");
	for (size_t i = 0; i < n && room() > 8; i++) {
		unsigned char c = (unsigned char)value[i];
		char const escaped[4] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

		if (is_plain(c) || c == ' ')
			add(value + i, 1);
		else
			add(escaped, sizeof escaped);
	}
	if (cut)
		add_str("…");
	if (quote)
		add_str("\"");
}

void
log_str(char const *key, char const *value)
{
	log_bytes(key, value, strlen(value));
}

void
log_num(char const *key, uint64_t value)
{
	add_str(" ");
	add_str(key);
	add_str("=");
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
