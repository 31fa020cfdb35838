/* smtpd - speak SMTP with a client, hand its mail on as a mail stream; see smtpd.8 */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "chain.h"
#include "client.h"
#include "config.h"
#include "die.h"
#include "judge.h"
#include "log.h"
#include "priv.h"
#include "sandbox.h"
#include "settings.h"
#include "talk.h"
#include "tls.h"

#define USAGE "smtpd [-s] program [argument ...]"

extern struct sandbox_policy const smtpd_policy;

static struct talk talk;
static struct client client;
static struct settings settings;
static struct judge judge;

/* read_control - all that is read from files, before the sandbox closes. */
static void
read_control(int submission)
{
	struct control control;

	if (control_open(&control) == -1)
		control_die(&control);
	settings_read(&settings, &control, submission);
	judge_open(&judge, &control, &settings, &client);
	control_close(&control);
}

/* apologize - the client must not take our trouble for a refusal (RFC 5321 3.8, 4.2.1). */
static void
apologize(void)
{
	static char const reply[] = "421 Service not available, closing transmission channel\r\n";

	(void)!write(1, reply, sizeof reply - 1);
}

/* terminated - at SIGTERM, whatever is going on: nothing that was not answered is kept. */
static void
terminated(int signal_number)
{
	static char const code[] = "421 ", status[] = "4.3.2 ";
	static char const text[] = "Service is being stopped, closing transmission channel\r\n";
	int const out = talk.wire.out;

	(void)signal_number;
	(void)!write(out, code, sizeof code - 1);
	if (talk.session.extended)
		(void)!write(out, status, sizeof status - 1);
	(void)!write(out, text, sizeof text - 1);
	_exit(EXIT_TEMP);
}

int
main(int argc, char const *const *argv)
{
	int const submission = argc > 1 && !strcmp(argv[1], "-s");
	enum tls_kind tls;
	int auth;

	log_open("smtpd");
	argv += 1 + submission;
	if (argc < 2 + submission || **argv == '-')
		die_usage(USAGE);
	die_last_words = apologize;
	tls = tls_take();
	auth = auth_take();
	if (submission && !auth)
		die_perm("submission needs AUTH: start smtpd by smtpd-auth");
	client_find(&client);
	priv_drop_if_root(CONF_USER_SMTPD);
	chain_start(argv);
	read_control(submission);
	signal(SIGPIPE, SIG_IGN);
	talk_init(&talk, &settings, &client, &judge, tls, auth);
	signal(SIGTERM, terminated);
	sandbox_enter(&smtpd_policy, 0, 0);
	die_last_words = 0;
	talk_run(&talk);
	_exit(EXIT_DONE);
}
