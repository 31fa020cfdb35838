/* smtpd - speak SMTP with a client, hand its mail on as a mail stream; see smtpd.8 */

#include <signal.h>
#include <unistd.h>

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

#define USAGE "smtpd program [argument ...]"

extern struct sandbox_policy const smtpd_policy;

static struct talk talk;
static struct client client;
static struct settings settings;
static struct judge judge;

/* read_control - all that is read from files, before the sandbox closes. */
static void
read_control(void)
{
	struct control control;

	if (control_open(&control) == -1)
		control_die(&control);
	settings_read(&settings, &control);
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
	enum tls_kind tls;

	log_open("smtpd");
	if (argc < 2 || *argv[1] == '-')
		die_usage(USAGE);
	die_last_words = apologize;
	tls = tls_take();
	client_find(&client);
	priv_drop_if_root(CONF_USER_SMTPD);
	chain_start(argv + 1);
	read_control();
	signal(SIGPIPE, SIG_IGN);
	talk_init(&talk, &settings, &client, &judge, tls);
	signal(SIGTERM, terminated);
	sandbox_enter(&smtpd_policy, 0, 0);
	die_last_words = 0;
	talk_run(&talk);
	_exit(EXIT_DONE);
}
