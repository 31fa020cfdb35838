/* smtpd-tls - hold the key and do TLS for the next program; see smtpd-tls.8 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chain.h"
#include "client.h"
#include "config.h"
#include "control.h"
#include "die.h"
#include "keys.h"
#include "log.h"
#include "priv.h"
#include "sandbox.h"
#include "tickets.h"
#include "tls.h"
#include "tlspump.h"
#include "tlsserver.h"

#define USAGE "smtpd-tls [-iky] program [argument ...], or smtpd-tls -c"

/* Descriptors of the process that does TLS: the client is 0 and 1, the log 2. */
#define CONTROL 3
#define PLAIN   4

#define HANDSHAKE_SECONDS 50 /* less than smtpd waits: it shall hear what was wrong */
#define FACTS_MAX         4096

extern struct sandbox_policy const smtpd_tls_policy;

/* What the command line asks for. */
struct options {
	int immediate; /* -i: TLS from the first octet */
	int tickets;   /* -k */
	int ask;       /* -y */
	int check;     /* -c */
};

static struct tlsserver_rules rules = { .tickets = -1 };
static uint64_t timeout = HANDSHAKE_SECONDS;
static stralloc ciphers = STRALLOC_ZERO;

static _Noreturn void
usage(void)
{
	die_usage(USAGE);
}

static int
read_options(int argc, char *const *argv, struct options *o)
{
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "+ciky")) != -1)
		switch (c) {
		case 'c': o->check = 1; break;
		case 'i': o->immediate = 1; break;
		case 'k': o->tickets = 1; break;
		case 'y': o->ask = 1; break;
		default: usage();
		}
	if (o->check ? optind < argc : optind == argc)
		usage();
	return optind;
}

/* ---- the process that does TLS, before its sandbox closes */

static void
read_control(void)
{
	uint64_t newest = 2;
	struct control control;
	char why[CONTROL_ERROR_MAX];
	int r;

	if (control_open(&control) == -1 ||
	    control_number(&control, "timeoutsmtpd", &timeout, 1, 86400) == -1 ||
	    control_number(&control, "tlsminimum", &newest, 2, 3) == -1 ||
	    (r = control_line(&control, "tlsciphers", &ciphers)) == -1)
		control_die(&control);
	if (timeout > HANDSHAKE_SECONDS)
		timeout = HANDSHAKE_SECONDS;
	rules.newest = newest == 3;
	rules.ciphers = r ? ciphers.s : 0;
	if (!keys_open(&control, why, sizeof why))
		die_perm(why);
	control_close(&control);
}

/* open_tickets - without them there are no tickets, which harms nobody. */
static void
open_tickets(void)
{
	int const dir = open(CONF_QUEUEDIR "/tls", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir != -1)
		rules.tickets = tickets_open(dir);
	if (rules.tickets == -1) {
		log_begin("trouble");
		log_str("file", CONF_QUEUEDIR "/tls/tickets");
		log_str("reason", strerrordesc_np(errno));
		log_end();
	}
	if (dir != -1)
		close(dir);
}

static void
enclose(int control, int plain, struct options const *o)
{
	if (dup2(control, CONTROL) == -1 || dup2(plain, PLAIN) == -1 ||
	    close_range(PLAIN + 1, ~0U, 0) == -1)
		die_temp("prepare descriptors");
	log_open("smtpd-tls"); /* with this process's number */
	/* What the server still writes at SIGTERM is to reach the client. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	rules.ask = o->ask;
	read_control();
	priv_drop_if_root(CONF_USER_TLS);
	if (o->tickets)
		open_tickets();
	sandbox_enter(&smtpd_tls_policy, 0, 0);
}

/* ---- its work */

/* log_trouble - what is wrong with keys or settings; clients are only told that it is not now. */
static void
log_trouble(char const *why)
{
	log_begin("trouble");
	log_str("reason", why);
	log_end();
}

/*
 * tell - the server, which would wait for what is not said: if that cannot be, this is the end.
 * When the server is gone it is not: what it said last is still to reach the client.
 */
static void
tell(char const *data, size_t len)
{
	while (len) {
		ssize_t const n = send(CONTROL, data, len, MSG_NOSIGNAL);

		if (n == -1 && (errno == EPIPE || errno == ECONNRESET))
			return;
		if (n == -1 && errno != EINTR)
			die_temp("answer the server");
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

static int
is_ready(void)
{
	static int tried, ready;

	if (!tried) {
		tried = 1;
		ready = tlsserver_start(&rules) && tlsserver_client(0, 1);
		if (!ready)
			log_trouble(tlsserver_why());
	}
	return ready;
}

/* next_order - TLS_ASK, TLS_START, TLS_START_FACTS; 0 it is not wanted any more. */
static int
next_order(void)
{
	char order;
	ssize_t n;

	do
		n = read(CONTROL, &order, 1);
	while (n == -1 && errno == EINTR);
	return n == 1 ? order : 0;
}

static int
handshake(void)
{
	static char const name[] = TLS_ERROR "=";

	if (!is_ready())
		return 0;
	if (fcntl(0, F_SETFL, O_NONBLOCK) == -1 || fcntl(1, F_SETFL, O_NONBLOCK) == -1)
		return 0;
	if (tlspump_handshake(0, 1, PLAIN, (unsigned int)timeout))
		return 1;
	tell(name, sizeof name - 1); /* the end of all facts is missing: it failed */
	tell(tlspump_why(), strlen(tlspump_why()) + 1);
	return 0;
}

/* serve - the client, as the server orders it. */
static void
serve(int immediate)
{
	char facts[FACTS_MAX];
	int order;

	if (immediate)
		order = TLS_START_FACTS;
	else
		while ((order = next_order()) == TLS_ASK)
			tell(is_ready() ? TLS_YES : TLS_NO, 1);
	if ((order != TLS_START && order != TLS_START_FACTS) || !handshake())
		return;
	if (order == TLS_START_FACTS)
		tell(facts, tlsserver_facts(facts, sizeof facts));
	close(CONTROL);
	tlspump_copy(0, 1, PLAIN);
}

/* ---- the process that goes on as the next program */

static void
set_number(char const *name, int fd)
{
	char text[16];

	snprintf(text, sizeof text, "%d", fd);
	if (setenv(name, text, 1) == -1)
		die_nomem();
}

/* keep_client - descriptors 0 and 1 are the client no more: who it is, is said here. */
static void
keep_client(void)
{
	struct client c;

	client_find(&c);
	if (*c.ip &&
	    (setenv("TCPREMOTEIP", c.ip, 1) == -1 || setenv("TCPREMOTEPORT", c.port, 1) == -1 ||
		setenv("TCPLOCALIP", c.localip, 1) == -1))
		die_nomem();
}

/* offer - the descriptors to where smtpd wants them, and say so. */
static void
offer(int control, int plain, int immediate)
{
	int const in = immediate ? 0 : TLS_IN_FD, out = immediate ? 1 : TLS_OUT_FD;

	if (immediate)
		keep_client();
	if (dup2(control, TLS_CTL_FD) == -1 || dup2(plain, in) == -1 || dup2(plain, out) == -1)
		die_temp("move a descriptor");
	set_number(TLS_ENV, TLS_CTL_FD);
	if (immediate)
		return;
	set_number("SSLCTLFD", TLS_CTL_FD);
	set_number("SSLREADFD", TLS_IN_FD);
	set_number("SSLWRITEFD", TLS_OUT_FD);
}

/* check - what an admin wants to know once a key was renewed: for whom each is, or what is wrong.
 */
static int
check(void)
{
	struct keys const *k;
	int code = EXIT_DONE;

	read_control();
	for (size_t i = 0; (k = keys_at(i)); i++) {
		char text[TLSSERVER_WHY];
		int const ok = tlsserver_check(k, text, sizeof text);

		log_begin(ok ? "certificate" : "trouble");
		log_str("name", *k->name ? k->name : "default");
		log_str(ok ? "subject" : "reason", text);
		log_end();
		if (!ok)
			code = EXIT_PERM;
	}
	return code;
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	int control[2], plain[2], next;
	pid_t pid;

	log_open("smtpd-tls");
	next = read_options(argc, argv, &options);
	if (options.check)
		return check();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, plain) == -1)
		die_temp("make a socket pair");
	if (control[0] < CONTROL)
		die_perm("descriptors 0 and 1 must be the client");
	pid = fork();
	if (pid == -1)
		die_temp("fork");
	if (!pid) {
		enclose(control[1], plain[1], &options);
		serve(options.immediate);
		_exit(EXIT_DONE);
	}
	offer(control[0], plain[0], options.immediate);
	chain_exec((char const *const *)argv + next);
}
