/* relay - speak SMTP with the next mail server; see relay.8 */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "control.h"
#include "die.h"
#include "log.h"
#include "partners.h"
#include "priv.h"
#include "relayconf.h"
#include "sandbox.h"
#include "sink.h"
#include "tool.h"

#define USAGE "relay [-m] host[:port] [sender recipient ...]"

extern struct sandbox_policy const relay_policy;

/* What the command line asks for. */
struct request {
	int is_qmail; /* called as qmail-remote */
	char const *connect[4];
	char const *const *words; /* sender and recipients; none for a sink */
};

static struct relayconf conf;
static struct peer peer;
static struct transaction transaction;

static void
read_command(struct request *q, char const *const *argv)
{
	char const *slash = argv[0] ? strrchr(argv[0], '/') : 0;
	size_t n = 0;

	q->is_qmail = argv[0] && !strcmp(slash ? slash + 1 : argv[0], "qmail-remote");
	q->connect[n++] = "relay-connect";
	argv += argv[0] != 0;
	if (q->is_qmail || (*argv && !strcmp(*argv, "-m"))) {
		q->connect[n++] = "-m";
		argv += !q->is_qmail;
	}
	if (!*argv || **argv == '-' || !**argv)
		die_usage(USAGE);
	q->connect[n++] = *argv++;
	q->connect[n] = 0;
	q->words = argv;
	if ((*argv && !argv[1]) || (q->is_qmail && !*argv))
		die_usage(USAGE);
}

static void
read_control(int is_sink)
{
	struct control control;

	if (control_open(&control) == -1)
		control_die(&control);
	relayconf_read(&conf, &control, is_sink);
	control_close(&control);
}

/* work - 1 message or many; the exit code. */
static int
work(struct request const *q)
{
	int code = EXIT_DONE;

	if (!*q->words)
		return sink_run(&transaction) ? EXIT_DONE : EXIT_PERM;
	tool_run(&transaction, q->words);
	if (q->is_qmail)
		tool_report_qmail(&transaction);
	else
		code = tool_report(&transaction, q->words);
	return code;
}

int
main(int argc, char const *const *argv)
{
	struct request q;
	int code;

	(void)argc;
	log_open("relay");
	read_command(&q, argv);
	if (*q.words)
		tool_open();
	read_control(!*q.words);
	partners_start(q.connect);
	signal(SIGPIPE, SIG_IGN);
	priv_drop_if_root(CONF_USER_RELAY);
	peer_init(&peer, &conf);
	transaction_init(&transaction, &peer);
	sandbox_enter(&relay_policy, 0, 0);
	code = work(&q);
	peer_quit(&peer);
	_exit(code);
}
