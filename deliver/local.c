#include "local.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "deliver-local_policy.h"
#include "delivery.h"
#include "die.h"
#include "forward.h"
#include "instructions.h"
#include "runner.h"
#include "sandbox.h"
#include "serve.h"

#define PATH_DEFAULT "/usr/local/bin:/usr/bin:/bin"

static struct instructions instructions = { .text = STRALLOC_ZERO,
	.qmail = { .lines = GENALLOC_ZERO } };
static struct delivery delivery = { .qmail = &instructions.qmail };

/*
 * recipient_text - the address that Delivered-To names: canonical, but with a virtual
 * domain's prefix where there is one.
 */
static void
recipient_text(char to[RECIPIENT_EXT_MAX + ADDRESS_DOMAIN_MAX + 2], struct recipient const *r,
    struct address const *a)
{
	char local[ADDRESS_LOCAL_MAX + 1];
	size_t len = address_local(a, local);

	local[len] = 0;
	if (!strcmp(local, r->local))
		snprintf(to, RECIPIENT_EXT_MAX, "%s", a->text);
	else
		snprintf(to, RECIPIENT_EXT_MAX + ADDRESS_DOMAIN_MAX + 2, "%s%s", r->local,
		    a->text + a->at);
}

static void
set_facts(struct qmail_facts *f, struct recipient const *r, struct address const *a)
{
	static char text[RECIPIENT_EXT_MAX + ADDRESS_DOMAIN_MAX + 2];
	char const *path = getenv("PATH");

	recipient_text(text, r, a);
	*f = (struct qmail_facts){
		.user = r->user,
		.home = r->home,
		.recipient = text,
		.local = r->local,
		.host = a->text + a->at + (a->at < a->len),
		.ext = r->ext,
		.rest = instructions.rest,
		.path = path && *path ? path : PATH_DEFAULT,
	};
}

/* find - the recipient's instructions. */
static int
find(struct recipient const *r, struct preferences const *s, struct answer *why)
{
	struct instructions_source const from = {
		.home = r->home,
		.dash = r->dash,
		.ext = r->ext,
		.alias = &r->alias,
		.defaultdelivery = s->defaultdelivery.s,
	};

	return instructions_find(&instructions, &from, why);
}

/* prepare - everything up to the sandbox: 1, or 0 with the reason why no mail can be taken. */
static int
prepare(struct recipient const *r, struct address const *a, struct preferences const *s,
    struct answer *why)
{
	if (!find(r, s, why))
		return 0;
	set_facts(&delivery.facts, r, a);
	delivery.owner = instructions.owner;
	delivery.alias_owner = r->owner;
	if (instructions.qmail.programs)
		runner_start(&instructions.qmail, &delivery.facts, instructions.owner,
		    (unsigned int)s->timeoutprogram);
	if (instructions.qmail.forwards)
		forward_start();
	return delivery_open(&delivery, s->me.s, instructions.is_default, why);
}

/* enter - the sandbox that leaves open what is needed, or nothing at all. */
static void
enter(int nothing)
{
	static struct sandbox_policy const *const policy[] = {
		[DELIVERY_MAILDIR] = &deliver_local_policy,
		[DELIVERY_FILES] = &deliver_local_files_policy,
		[DELIVERY_PROCESS] = &deliver_local_process_policy,
	};
	struct sandbox_tree trees[DELIVERY_TREES];

	if (nothing)
		sandbox_enter(&deliver_local_policy, 0, 0);
	else
		sandbox_enter(
		    policy[delivery_needs(&delivery)], trees, delivery_trees(&delivery, trees));
}

int
local_serve(struct recipient const *r, struct address const *a, struct preferences const *s)
{
	static struct serve sink = { .delivery = &delivery };

	umask(077);
	sink.only = a->text;
	if (prepare(r, a, s, &sink.refusal)) {
		instructions_settle(&instructions);
		sink.watch = &instructions;
	}
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
	enter(sink.refusal.code);
	return serve(&sink) ? EXIT_DONE : EXIT_PERM;
}

int
local_show(struct recipient const *r, struct preferences const *s)
{
	static char const *const what[] = {
		[QMAIL_MAILDIR] = "maildir",
		[QMAIL_MBOX] = "mbox",
		[QMAIL_PROGRAM] = "program",
		[QMAIL_FORWARD] = "forward",
	};
	struct answer why;

	printf("user %s\nhome %s\n", r->user, r->home);
	if (!find(r, s, &why)) {
		printf("no delivery now: %s %s\n", why.status, why.text);
		return EXIT_TEMP;
	}
	printf("instructions %s\n", r->alias.len              ? "alias"
				    : instructions.is_default ? "defaultdelivery"
							      : instructions.name);
	for (size_t i = 0; i < genalloc_len(struct qmail_line, &instructions.qmail.lines); i++) {
		struct qmail_line const *l =
		    genalloc_s(struct qmail_line, &instructions.qmail.lines) + i;

		printf("%s %s\n", what[l->kind], l->arg);
	}
	return fflush(stdout) ? EXIT_TEMP : EXIT_DONE;
}
