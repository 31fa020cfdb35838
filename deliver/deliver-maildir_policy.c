/* deliver-maildir_policy - what deliver-maildir may do once mail comes */

#include "deliver-maildir_policy.h"

#include "serve_rules.h"

static struct sandbox_rule const rules[] = { SERVE_RULES, SERVE_MAILDIR_RULES };

/* With a quota, or a file system that has no nameless files. */
static struct sandbox_rule const files_rules[] = { SERVE_RULES, SERVE_FILES_RULES };

static struct sandbox_limit const limits[] = {
	{ RLIMIT_NOFILE, 32 }, /* the Maildir's, one message, and what travels with the stream */
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
	{ RLIMIT_AS, 64UL << 20 },
};

SANDBOX_POLICY(deliver_maildir);
SANDBOX_POLICY_OF(deliver_maildir_files, files_rules, limits);
SANDBOX_LIST(&deliver_maildir_policy, &deliver_maildir_files_policy);
