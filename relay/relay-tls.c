/* relay-tls - TLS for relay, which knows none; see relay-tls.8 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "authorities.h"
#include "config.h"
#include "control.h"
#include "descriptor.h"
#include "die.h"
#include "log.h"
#include "priv.h"
#include "sandbox.h"
#include "secure.h"
#include "tunnel.h"

#define USAGE             "relay-tls"
#define REQUESTS          0  /* descriptor: relay asks here */
#define HANDSHAKE_SECONDS 60 /* at the most */

extern struct sandbox_policy const relay_tls_policy;

static struct hop hop;
static struct tunnel tunnel;
static uint64_t timeout = HANDSHAKE_SECONDS;

/* ---- settings */

/*
 * open_authorities - where there is no file nothing can be verified, and relay is told so then;
 * what may pass ends this process, and the next one tries again. The descriptor is never left
 * free: a connection that took it would name its own authorities.
 */
static void
open_authorities(char const *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 && (errno == ENOENT || errno == EACCES)) {
		log_begin("trouble");
		log_str("file", path);
		log_str("reason", strerror(errno));
		log_end();
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	if (descriptor_move(fd, TLSCLIENT_AUTHORITIES) == -1)
		die_temp("open the file of authorities");
}

static void
read_control(void)
{
	stralloc path = STRALLOC_ZERO;
	struct control control;

	if (control_open(&control) == -1 ||
	    control_number(&control, "timeoutremote", &timeout, 1, 86400) == -1 ||
	    authorities_path(&control, &path) == -1)
		control_die(&control);
	control_close(&control);
	if (timeout > HANDSHAKE_SECONDS)
		timeout = HANDSHAKE_SECONDS;
	open_authorities(path.s);
	stralloc_free(&path);
}

/* ---- one connection */

/* tell - the answer to a request; relay is gone if that fails. */
static void
tell(char code, char const *status, char const *text, struct secured const *s)
{
	struct answer answer;

	stream_answer_set(&answer, code, status, text);
	if (!secure_tell(REQUESTS, &answer, s) && errno != EPIPE)
		die_temp("answer relay");
}

/* carry - the handshake, the answer, and then the connection until it ends. */
static void
carry(struct tlsclient *tls, int server, int plain)
{
	struct secured s = { .protocol = "" };
	char why[sizeof s.why];

	tunnel_init(&tunnel, tls, server, plain);
	switch (tunnel_handshake(&tunnel, (unsigned int)timeout, why, sizeof why)) {
	case TUNNEL_UP:
		tlsclient_facts(tls, &s);
		tell('K', "2.0.0", "TLS is up", &s);
		tunnel_copy(&tunnel);
		break;
	case TUNNEL_BROKEN: tell('Z', SECURE_HANDSHAKE, why, &s); break;
	case TUNNEL_UNVERIFIED: tell('Z', SECURE_VERIFY, why, &s); break;
	case TUNNEL_GONE: tell('Z', SECURE_HANDSHAKE, "relay is gone", &s); break;
	}
}

/*
 * serve - one request. What fails on this side is no answer, which could be taken for leave to do
 * without TLS: the message is put off, and the next one gets a process that may fare better.
 */
static void
serve(int server, int plain)
{
	struct tlsclient *const tls = tlsclient_start(&hop);

	if (!tls)
		die_temp("begin with TLS");
	carry(tls, server, plain);
	tlsclient_free(tls);
	close(server);
	close(plain);
}

int
main(int argc, char const *const *argv)
{
	int server, plain, r;

	log_open("relay-tls");
	(void)argv;
	if (argc != 1)
		die_usage(USAGE);
	close_range(3, ~0U, 0);
	read_control();
	tzset(); /* it opens a file, and OpenSSL's gmtime would do it later */
	priv_drop_if_root(CONF_USER_RELAY);
	sandbox_enter(&relay_tls_policy, 0, 0);
	while ((r = secure_wait(REQUESTS, &hop, &server, &plain)) == 1)
		serve(server, plain);
	if (r == -1)
		die_temp("read a request");
	_exit(EXIT_DONE);
}
