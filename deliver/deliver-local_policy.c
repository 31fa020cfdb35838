/* deliver-local_policy - what deliver-local may do for a recipient once mail comes */

#include "deliver-local_policy.h"

#include "chain.h"
#include "runner.h"
#include "serve_rules.h"

static struct sandbox_rule const rules[] = { SERVE_RULES, SERVE_MAILDIR_RULES };

static struct sandbox_rule const files_rules[] = { SERVE_RULES, SERVE_FILES_RULES };

static struct sandbox_rule const process_rules[] = {
	SERVE_RULES, SERVE_FILES_RULES, ALLOW_FD(recvmsg, CHAIN_FD),
	ALLOW_FD(sendmsg, CHAIN_FD),                                /* queue-inject: forwards */
	ALLOW_FD(recvmsg, RUNNER_FD), ALLOW_FD(sendmsg, RUNNER_FD), /* programs, by number */
};

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE, 128 }, /* two for each mailbox, and what travels with the stream */
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 }, /* mail is not left in core files */
	{ RLIMIT_AS, 128UL << 20 },
};

SANDBOX_POLICY(deliver_local);
SANDBOX_POLICY_OF(deliver_local_files, files_rules, limits);
SANDBOX_POLICY_OF(deliver_local_process, process_rules, limits);
SANDBOX_LIST(&deliver_local_policy, &deliver_local_files_policy, &deliver_local_process_policy);
