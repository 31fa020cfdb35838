/* deliver-local - take mail for one recipient, as that recipient; see deliver-local.8 */

#include <string.h>
#include <unistd.h>

#include "address.h"
#include "become.h"
#include "control.h"
#include "die.h"
#include "local.h"
#include "log.h"
#include "preferences.h"
#include "recipient.h"

#define USAGE "deliver-local [-n] address"

static struct preferences settings;
static struct recipient recipient;

/* find - whose address it is; what was opened for that is closed again. */
static void
find(struct address const *a)
{
	struct control control;
	struct recipient_db db;

	if (control_open(&control) == -1 || preferences_read(&settings, &control) == -1 ||
	    recipient_open(&db, &control) == -1)
		control_die(&control);
	switch (recipient_find(&db, a, &recipient)) {
	case RECIPIENT_LOCAL: break;
	case RECIPIENT_REMOTE: die_perm(a->text, " is not local: control/locals does not name it");
	case RECIPIENT_UNKNOWN: die_perm("there is no user or alias for ", a->text);
	case RECIPIENT_TROUBLE: die_temp("look up ", a->text);
	}
	recipient_close(&db);
	control_close(&control);
}

int
main(int argc, char const *const *argv)
{
	int show = argc == 3 && !strcmp(argv[1], "-n");
	char const *text = argv[argc - 1];
	struct address address;

	log_open("deliver-local");
	if (argc != 2 + show)
		die_usage(USAGE);
	if (address_parse(&address, text, strlen(text), ADDRESS_POSTMASTER_OK | ADDRESS_UTF8_OK) !=
	    ADDRESS_OK)
		die_perm(text, " is no mail address: give local@domain");
	find(&address);
	if (!getuid())
		become(recipient.user, recipient.uid, recipient.gid);
	else if (getuid() != recipient.uid)
		die_perm(
		    "run it as ", recipient.user, ", who gets this address's mail, or as root");
	return show ? local_show(&recipient, &settings)
		    : local_serve(&recipient, &address, &settings);
}
