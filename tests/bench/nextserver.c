/*
 * nextserver - a server that mail is relayed to under TLS; it throws the mail away and counts.
 *
 * usage: nextserver CERTIFICATE fresh|resumed|kept
 * fresh: no session is resumed, and a connection ends after each message
 * resumed: clients may resume sessions; a connection ends after each message
 * kept: the client says when a connection ends
 *
 * Its port is printed. Each line of standard input is answered with the numbers so far of
 * connections, messages, handshakes, and sessions that were resumed; at its end all is over.
 */

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE 2048

static SSL_CTX *context;
static int kept;
static atomic_ulong connections, messages, handshakes, resumed;

/* buffered - for lines, above what reads and writes octets; 0 if there is no memory. */
static BIO *
buffered(BIO *octets)
{
	BIO *const lines = BIO_new(BIO_f_buffer());

	if (!lines || !octets)
		errx(1, "no memory");
	return BIO_push(lines, octets);
}

static BIO *
secured(int fd)
{
	SSL *const tls = SSL_new(context);
	BIO *const octets = BIO_new(BIO_f_ssl());

	if (!tls || !octets || !SSL_set_fd(tls, fd))
		errx(1, "no memory");
	BIO_set_ssl(octets, tls, BIO_CLOSE);
	if (SSL_accept(tls) != 1) {
		BIO_free(octets);
		return 0;
	}
	handshakes++;
	resumed += (unsigned long)SSL_session_reused(tls);
	return buffered(octets);
}

/* answer - and send it, unless the client has said more already. */
static int
answer(BIO *io, char const *text)
{
	return BIO_puts(io, text) > 0 && (BIO_pending(io) || BIO_flush(io) == 1);
}

static int
starts(char const *line, char const *verb)
{
	return !strncasecmp(line, verb, strlen(verb));
}

static int
swallow(BIO *io)
{
	char line[LINE];

	if (!answer(io, "354 go\r\n"))
		return 0;
	while (BIO_gets(io, line, sizeof line) > 0)
		if (!strcmp(line, ".\r\n")) {
			messages++;
			return answer(io, "250 2.0.0 ok\r\n") && kept;
		}
	return 0;
}

static int
hello(BIO *io, int offer)
{
	return answer(io, offer ? "250-next.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
				: "250-next.example\r\n250 PIPELINING\r\n");
}

/* serve - until it is over, or STARTTLS: then 1. */
static int
serve(BIO *io, int offer)
{
	char line[LINE];
	int on = 1;

	while (on && BIO_gets(io, line, sizeof line) > 0) {
		if (starts(line, "STARTTLS"))
			return answer(io, "220 2.0.0 go\r\n");
		if (starts(line, "QUIT")) {
			answer(io, "221 2.0.0 bye\r\n");
			return 0;
		}
		if (starts(line, "EHLO"))
			on = hello(io, offer);
		else if (starts(line, "DATA"))
			on = swallow(io);
		else
			on = answer(io, "250 2.0.0 ok\r\n");
	}
	return 0;
}

/* leave - without a reset, which could overtake the last answer: what was not read is read. */
static void
leave(int fd)
{
	char rest[LINE];

	shutdown(fd, SHUT_WR);
	while (read(fd, rest, sizeof rest) > 0)
		;
	close(fd);
}

static void *
connection(void *arg)
{
	int const fd = (int)(intptr_t)arg;
	BIO *io = buffered(BIO_new_socket(fd, BIO_NOCLOSE));

	if (answer(io, "220 next.example ESMTP\r\n") && serve(io, 1)) {
		BIO_free_all(io);
		io = secured(fd);
		if (io) {
			serve(io, 0);
			BIO_flush(io);
			BIO_ssl_shutdown(io);
		}
	}
	BIO_free_all(io);
	leave(fd);
	return 0;
}

static void *
accepting(void *arg)
{
	int const listener = (int)(intptr_t)arg;

	for (;;) {
		int const fd = accept(listener, 0, 0);
		int const one = 1;
		pthread_t thread;

		if (fd == -1)
			err(1, "accept");
		connections++;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		if (pthread_create(&thread, 0, connection, (void *)(intptr_t)fd))
			errx(1, "too many threads");
		pthread_detach(thread);
	}
}

static void
prepare_tls(char const *certificate, int fresh)
{
	context = SSL_CTX_new(TLS_server_method());
	if (!context || SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey_file(context, certificate, SSL_FILETYPE_PEM) != 1)
		errx(1, "%s cannot be used", certificate);
	SSL_CTX_set_session_id_context(context, (unsigned char const *)"next", 4);
	if (fresh) {
		SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
		SSL_CTX_set_num_tickets(context, 0);
	}
}

static int
listening(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	int const fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&address, len) == -1 || listen(fd, 511) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) == -1)
		err(1, "listen");
	printf("%u\n", ntohs(address.sin_port));
	return fd;
}

int
main(int argc, char **argv)
{
	char line[LINE];
	pthread_t thread;

	if (argc != 3)
		errx(2, "usage: nextserver CERTIFICATE fresh|resumed|kept");
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, 0, _IOLBF, 0);
	kept = !strcmp(argv[2], "kept");
	prepare_tls(argv[1], !strcmp(argv[2], "fresh"));
	if (pthread_create(&thread, 0, accepting, (void *)(intptr_t)listening()))
		errx(1, "no thread");
	while (fgets(line, sizeof line, stdin))
		printf("%lu %lu %lu %lu\n", connections, messages, handshakes, resumed);
	return 0;
}
