/* relay-sts-fetch_policy - what relay-sts-fetch may do before its first packet: no file any more */

#include "relay-sts-fetch_policy.h"

static struct sandbox_rule const rules[] = { FETCH_RULES };

static struct sandbox_limit const limits[] = {
	{ RLIMIT_DATA, 128U << 20 },
	{ RLIMIT_NOFILE, 32 },
	{ RLIMIT_CPU, 20 },
	{ RLIMIT_NPROC, 0 },
	{ RLIMIT_CORE, 0 },
};

SANDBOX_POLICY(relay_sts_fetch);
SANDBOX_LIST(&relay_sts_fetch_policy);
