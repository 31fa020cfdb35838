/*
 * session - measure one SMTP client's view: connect, send one small message, quit;
 * again and again, one after another.
 *
 * usage: session PORT COUNT RECIPIENT
 * prints: banner median p99, session median p99, in microseconds
 */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 100000

static double banner[COUNT_MAX], session[COUNT_MAX];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* reply - read one reply, which may have several lines, and check its first digit. */
static void
reply(int fd, char wanted)
{
	char line[4096];
	size_t len = 0;
	char const *last;

	for (;;) {
		ssize_t r = read(fd, line + len, sizeof line - 1 - len);

		if (r <= 0)
			errx(1, "the server closed the connection");
		len += (size_t)r;
		line[len] = 0;
		if (line[len - 1] != '\n')
			continue;
		line[len - 1] = 0;
		last = strrchr(line, '\n');
		last = last ? last + 1 : line;
		line[len - 1] = '\n';
		if (strlen(last) > 3 && last[3] != '-')
			break;
	}
	if (*line != wanted)
		errx(1, "unexpected reply: %s", line);
}

static void
command(int fd, char const *text, char wanted)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(1, "write");
	reply(fd, wanted);
}

static int
compare(void const *a, void const *b)
{
	double x = *(double const *)a, y = *(double const *)b;

	return x < y ? -1 : x > y;
}

static void
run(struct sockaddr_in const *server, char const *rcpt, size_t i)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	double start = now();

	if (fd == -1 || connect(fd, (struct sockaddr const *)server, sizeof *server) == -1)
		err(1, "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	reply(fd, '2');
	banner[i] = now() - start;
	command(fd, "EHLO client.example\r\n", '2');
	command(fd, "MAIL FROM:<>\r\n", '2');
	command(fd, rcpt, '2');
	command(fd, "DATA\r\n", '3');
	command(fd, "Subject: small\r\n\r\nA small message.\r\n.\r\n", '2');
	command(fd, "QUIT\r\n", '2');
	session[i] = now() - start;
	close(fd);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in server = { .sin_family = AF_INET };
	char rcpt[512];
	size_t count;

	if (argc != 4 || (count = strtoul(argv[2], 0, 10)) < 1 || count > COUNT_MAX)
		errx(2, "usage: session PORT COUNT RECIPIENT");
	server.sin_port = htons((in_port_t)strtoul(argv[1], 0, 10));
	inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
	snprintf(rcpt, sizeof rcpt, "RCPT TO:<%s>\r\n", argv[3]);
	for (size_t i = 0; i < count; i++)
		run(&server, rcpt, i);
	qsort(banner, count, sizeof *banner, compare);
	qsort(session, count, sizeof *session, compare);
	printf("%.0f %.0f %.0f %.0f\n", banner[count / 2], banner[count * 99 / 100],
	    session[count / 2], session[count * 99 / 100]);
	return 0;
}
