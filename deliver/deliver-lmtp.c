/* deliver-lmtp - hand the mail of a stream to a mail store; see deliver-lmtp.8 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config.h"
#include "control.h"
#include "die.h"
#include "lmtp.h"
#include "lmtpserve.h"
#include "lmtptool.h"
#include "log.h"
#include "priv.h"
#include "sandbox.h"
#include "store.h"

#define USAGE "deliver-lmtp [-p] socket|host[:port] [recipient]"

extern struct sandbox_policy const deliver_lmtp_policy;

/* What the command line and the environment ask for. */
struct request {
	int is_program; /* of a .qmail file */
	char const *store;
	char const *sender, *recipient;
};

static struct lmtp lmtp;

static void
read_command(struct request *q, int argc, char const *const *argv)
{
	*q = (struct request){ .is_program = argc > 1 && !strcmp(argv[1], "-p") };
	argc -= q->is_program;
	argv += q->is_program;
	if (argc < 2 || argc > (q->is_program ? 3 : 2) || !*argv[1] || *argv[1] == '-')
		die_usage(USAGE);
	q->store = argv[1];
	if (!q->is_program)
		return;
	q->sender = getenv("SENDER");
	q->recipient = argc == 3 ? argv[2] : getenv("RECIPIENT");
	if (!q->sender || !q->recipient)
		die_perm(
		    "with -p, SENDER and RECIPIENT must be in the environment, as for a program "
		    "of a .qmail file");
}

/* own_name - for LHLO: control/me; a user's program may not be able to read it. */
static char const *
own_name(void)
{
	static struct utsname host;
	static stralloc me = STRALLOC_ZERO;
	struct control control;
	int found = 0;

	if (control_open(&control) != -1) {
		found = control_me(&control, &me) == 1;
		control_close(&control);
	}
	return found ? me.s : uname(&host) != -1 ? host.nodename : "localhost";
}

static void
connect_to(char const *name)
{
	struct store store;
	char const *const wrong = store_find(&store, name, STORE_HOSTS);

	if (wrong)
		die_perm(name, ": ", wrong);
	lmtp_init(&lmtp, name, own_name(), store_connect(&store));
}

int
main(int argc, char const *const *argv)
{
	struct request q;

	log_open("deliver-lmtp");
	read_command(&q, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	connect_to(q.store);
	if (q.is_program)
		lmtptool_open();
	else
		lmtpserve_prepare();
	priv_drop_if_root(CONF_USER_RELAY);
	sandbox_enter(&deliver_lmtp_policy, 0, 0);
	if (q.is_program)
		return lmtptool_run(&lmtp, q.sender, q.recipient);
	return lmtpserve(&lmtp) ? EXIT_DONE : EXIT_PERM;
}
