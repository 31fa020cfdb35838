/* deliver-maildir - put the mail of a stream into one Maildir; see deliver-maildir.8 */

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver-maildir_policy.h"
#include "delivery.h"
#include "die.h"
#include "log.h"
#include "priv.h"
#include "sandbox.h"
#include "serve.h"

#define USAGE     "deliver-maildir directory"
#define PATH_MAX_ 4096

static struct qmail instructions = { .lines = GENALLOC_ZERO };
static struct delivery delivery = { .qmail = &instructions, .alias_owner = "" };

/* drop - started by root: become the owner of the Maildir, or of where it will be made. */
static void
drop(char const *directory)
{
	char parent[PATH_MAX_];
	struct priv_user owner;
	struct stat st;

	if (getuid() && geteuid())
		return;
	snprintf(parent, sizeof parent, "%s", directory);
	if (stat(directory, &st) == -1 && (errno != ENOENT || stat(dirname(parent), &st) == -1))
		die_temp("look at ", directory);
	owner = (struct priv_user){ st.st_uid, st.st_gid };
	if (!owner.uid || !owner.gid)
		die_perm("refusing to deliver as root: give ", directory,
		    " to the user whose mail it is");
	priv_drop(&owner);
}

/* open_maildir - as if a .qmail file named it. */
static void
open_maildir(char const *directory)
{
	struct qmail_line const line = { QMAIL_MAILDIR, directory };
	struct answer why;

	if (!genalloc_append(struct qmail_line, &instructions.lines, &line))
		die_nomem();
	instructions.files = 1;
	if (!delivery_open(&delivery, "", 1, &why))
		die_log(EXIT_TEMP, 0, why.text, (char const *)0);
}

int
main(int argc, char const *const *argv)
{
	struct serve const sink = { .delivery = &delivery };
	struct sandbox_tree trees[DELIVERY_TREES];

	log_open("deliver-maildir");
	if (argc != 2 || !*argv[1])
		die_usage(USAGE);
	umask(077);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
	drop(argv[1]);
	open_maildir(argv[1]);
	sandbox_enter(delivery_needs(&delivery) == DELIVERY_MAILDIR ? &deliver_maildir_policy
								    : &deliver_maildir_files_policy,
	    trees, delivery_trees(&delivery, trees));
	return serve(&sink) ? EXIT_DONE : EXIT_PERM;
}
