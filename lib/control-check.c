/* control-check - look for mistakes in the settings, or show where an address leads; see the page
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "control.h"
#include "die.h"
#include "findings.h"
#include "inspect.h"
#include "log.h"
#include "recipient.h"
#include "sandbox.h"

#define USAGE "control-check [-d confdir] [-s | -r address ...]"

enum { EXIT_FOUND = 1 }; /* beside die.h's: something is wrong with the settings */

extern struct sandbox_policy const control_check_policy;

struct options {
	char const *confdir;
	int show;                     /* the settings */
	char const *const *addresses; /* show their routes, up to a null pointer; or null */
};

static void
read_options(struct options *o, char const *const *argv)
{
	*o = (struct options){ .confdir = CONF_CONFDIR };
	for (argv++; *argv; argv++)
		if (!strcmp(*argv, "-d") && argv[1])
			o->confdir = *++argv;
		else if (!strcmp(*argv, "-s") && !argv[1])
			o->show = 1;
		else if (!strcmp(*argv, "-r") && argv[1] && (o->addresses = argv + 1))
			return;
		else
			die_usage(USAGE);
}

static int
show_all(struct control *c)
{
	inspect_show(c);
	return findings_count(FINDING_ERROR) ? EXIT_FOUND : EXIT_DONE;
}

static int
check_all(struct control *c)
{
	struct recipient_db db;

	inspect_settings(c);
	if (recipient_open(&db, c) == -1) {
		findings_add(FINDING_ERROR, "%s", c->error);
	} else {
		inspect_recipients(c, &db);
		inspect_compiled(c, &db);
		inspect_users(&db);
	}
	if (!findings_count(FINDING_ERROR) && !findings_count(FINDING_WARNING))
		findings_print("no mistakes found");
	return findings_count(FINDING_ERROR) ? EXIT_FOUND : EXIT_DONE;
}

static int
show_routes(struct control *c, char const *const *addresses)
{
	struct recipient_db db;
	int code = EXIT_DONE;

	if (recipient_open(&db, c) == -1)
		control_die(c);
	for (; *addresses; addresses++) {
		int const r = inspect_route(&db, *addresses);

		if (r == -1)
			code = EXIT_TEMP;
		else if (!r && code == EXIT_DONE)
			code = EXIT_FOUND;
	}
	return code;
}

/* enclose - reading is all that is done from here on, and writing to descriptors 1 and 2. */
static void
enclose(void)
{
	struct sandbox_tree const root = {
		open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
		LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	};

	if (root.fd == -1)
		die_temp("open /");
	sandbox_enter(&control_check_policy, &root, 1);
	close(root.fd);
}

int
main(int argc, char const *const *argv)
{
	struct options options;
	struct control control;
	int code;

	(void)argc;
	log_open("control-check");
	read_options(&options, argv);
	enclose();
	if (control_open_at(&control, options.confdir) == -1) {
		findings_add(FINDING_ERROR, "%s: create it, as `make install` does", control.error);
		code = EXIT_FOUND;
	} else if (options.addresses) {
		code = show_routes(&control, options.addresses);
	} else {
		code = options.show ? show_all(&control) : check_all(&control);
	}
	if (fflush(stdout))
		die_temp("write to standard output");
	return code;
}
