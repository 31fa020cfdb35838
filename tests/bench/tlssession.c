/*
 * tlssession - what clients of submission see: connect, TLS, QUIT; again and again.
 *
 * usage: tlssession [-rs] [-a PLAIN] PORT COUNT CLIENTS
 * -s: STARTTLS, not TLS from the first octet
 * -r: resume the session before; else each handshake is a full one
 * -a: log in first; PLAIN is what stands behind AUTH PLAIN
 *
 * prints: sessions a second of all CLIENTS together, how many of them were resumed, then
 * microseconds from connect to the first reply under TLS, median and p99, and those of a
 * whole session, median and p99.
 */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 100000

/* Shared by all clients. */
struct seen {
	atomic_size_t begun, resumed;
	double first[COUNT_MAX], whole[COUNT_MAX];
};

static SSL_CTX *context;
static SSL_SESSION *before;
static struct sockaddr_in server = { .sin_family = AF_INET };
static int starttls, resume;
static char login[1024];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* lines - a BIO for lines above one for octets. */
static BIO *
lines(BIO *octets)
{
	BIO *const io = BIO_new(BIO_f_buffer());

	if (!io || !octets)
		errx(1, "no memory");
	return BIO_push(io, octets);
}

static void
reply(BIO *io, char wanted)
{
	char line[4096];

	do {
		if (BIO_gets(io, line, sizeof line) < 4)
			errx(1, "the server closed the connection");
	} while (line[3] == '-');
	if (*line != wanted)
		errx(1, "unexpected reply: %s", line);
}

static void
command(BIO *io, char const *text, char wanted)
{
	if (BIO_puts(io, text) <= 0 || BIO_flush(io) != 1)
		errx(1, "cannot write");
	reply(io, wanted);
}

static int
connected(void)
{
	int const fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd == -1 || connect(fd, (struct sockaddr const *)&server, sizeof server) == -1)
		err(1, "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static void
ask_for_tls(int fd)
{
	BIO *const io = lines(BIO_new_socket(fd, BIO_NOCLOSE));

	reply(io, '2');
	command(io, "EHLO client.example\r\n", '2');
	command(io, "STARTTLS\r\n", '2');
	BIO_free_all(io);
}

static SSL *
handshake(int fd)
{
	SSL *const tls = SSL_new(context);

	if (!tls || !SSL_set_fd(tls, fd) || (resume && before && !SSL_set_session(tls, before)))
		errx(1, "no memory");
	if (SSL_connect(tls) != 1)
		errx(1, "the handshake failed");
	return tls;
}

/* remember - the session, which came no later than the first reply. */
static void
remember(SSL *tls)
{
	SSL_SESSION_free(before);
	before = SSL_get1_session(tls);
}

/* run - one session; returns whether it was resumed. */
static int
run(double *first, double *whole)
{
	double const start = now();
	int const fd = connected();
	int again;
	SSL *tls;
	BIO *io, *octets;

	if (starttls)
		ask_for_tls(fd);
	tls = handshake(fd);
	octets = BIO_new(BIO_f_ssl());
	io = lines(octets);
	BIO_set_ssl(octets, tls, BIO_CLOSE);
	if (starttls)
		command(io, "EHLO client.example\r\n", '2');
	else
		reply(io, '2');
	*first = now() - start;
	again = SSL_session_reused(tls);
	if (resume)
		remember(tls);
	if (*login) {
		if (!starttls)
			command(io, "EHLO client.example\r\n", '2');
		command(io, login, '2');
	}
	command(io, "QUIT\r\n", '2');
	*whole = now() - start;
	BIO_free_all(io);
	close(fd);
	return again;
}

static void
client(struct seen *seen, size_t count)
{
	size_t i;

	while ((i = seen->begun++) < count)
		seen->resumed += (size_t)run(seen->first + i, seen->whole + i);
}

/* run_all - the clients, each a process; returns how many microseconds they took. */
static double
run_all(struct seen *seen, size_t count, size_t clients)
{
	double const start = now();
	int status, failed = 0;

	for (size_t i = 0; i < clients; i++)
		switch (fork()) {
		case -1: err(1, "fork");
		case 0: client(seen, count); _exit(0);
		}
	while (wait(&status) != -1)
		failed |= status;
	if (failed)
		errx(1, "a client failed");
	return now() - start;
}

static int
compare(void const *a, void const *b)
{
	double x = *(double const *)a, y = *(double const *)b;

	return x < y ? -1 : x > y;
}

static void
usage(void)
{
	errx(2, "usage: tlssession [-rs] [-a PLAIN] PORT COUNT CLIENTS");
}

int
main(int argc, char **argv)
{
	struct seen *seen;
	size_t count, clients;
	double took;
	int c;

	while ((c = getopt(argc, argv, "rsa:")) != -1)
		switch (c) {
		case 'r': resume = 1; break;
		case 's': starttls = 1; break;
		case 'a': snprintf(login, sizeof login, "AUTH PLAIN %s\r\n", optarg); break;
		default: usage();
		}
	if (argc - optind != 3)
		usage();
	server.sin_port = htons((in_port_t)strtoul(argv[optind], 0, 10));
	inet_pton(AF_INET, "127.0.0.1", &server.sin_addr);
	count = strtoul(argv[optind + 1], 0, 10);
	clients = strtoul(argv[optind + 2], 0, 10);
	context = SSL_CTX_new(TLS_client_method());
	seen = mmap(0, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (count < 1 || count > COUNT_MAX || clients < 1 || !context || seen == MAP_FAILED)
		usage();
	if (resume)
		run(seen->first, seen->whole);
	took = run_all(seen, count, clients);
	qsort(seen->first, count, sizeof *seen->first, compare);
	qsort(seen->whole, count, sizeof *seen->whole, compare);
	printf("%.2f %zu %.0f %.0f %.0f %.0f\n", (double)count * 1e6 / took, seen->resumed,
	    seen->first[count / 2], seen->first[count * 99 / 100], seen->whole[count / 2],
	    seen->whole[count * 99 / 100]);
	return 0;
}
