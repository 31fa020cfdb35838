#include "relayconf.h"

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

#define FILE_NAME "smarthostauth"

/* split - the three words of an entry; the password is all that is left. 1 or 0. */
static int
split(char const *entry, size_t *host, char const **user, size_t *userlen, char const **password)
{
	*host = strcspn(entry, " \t");
	*user = entry + *host + strspn(entry + *host, " \t");
	*userlen = strcspn(*user, " \t");
	*password = *user + *userlen + strspn(*user + *userlen, " \t");
	return *host && *userlen && *userlen < sizeof((struct relayconf_login *)0)->user &&
	       **password && strlen(*password) < sizeof((struct relayconf_login *)0)->password;
}

int
relayconf_check(stralloc const *passwords, size_t *entry)
{
	char const *line, *user, *password;
	size_t pos = 0, len, host, userlen;

	for (*entry = 0; (line = control_next(passwords, &pos, &len)); ++*entry)
		if (!split(line, &host, &user, &userlen, &password))
			return 0;
	return 1;
}

int
relayconf_login(struct relayconf const *c, char const *host, struct relayconf_login *login)
{
	char const *line, *user, *password;
	size_t pos = 0, len, hostlen, userlen;

	while ((line = control_next(&c->passwords, &pos, &len)))
		if (split(line, &hostlen, &user, &userlen, &password) && hostlen == strlen(host) &&
		    !strncasecmp(line, host, hostlen)) {
			memcpy(login->user, user, userlen);
			login->user[userlen] = 0;
			memcpy(login->password, password, strlen(password) + 1);
			return 1;
		}
	return 0;
}

/* read_passwords - from a file that nobody else can read. */
static void
read_passwords(struct relayconf *c, struct control *control, int must)
{
	struct stat st;
	size_t entry;
	int fd, r;

	if (!must && faccessat(control->dir, FILE_NAME, R_OK, AT_EACCESS) == -1)
		return;
	r = control_fd(control, "smarthostauth", &fd);
	if (r == -1)
		control_die(control);
	if (!r)
		return;
	if (fstat(fd, &st) == -1)
		die_temp("look at " FILE_NAME);
	close(fd);
	if (st.st_mode & (S_IROTH | S_IWOTH)) {
		control_bad(control, FILE_NAME,
		    "others can read these passwords: chmod 0640 it, and chgrp it to relay's group");
		control_die(control);
	}
	if (control_list(control, "smarthostauth", &c->passwords, 0) == -1)
		control_die(control);
	if (!relayconf_check(&c->passwords, &entry)) {
		control_bad_entry(control, FILE_NAME, entry, "is not: host user password");
		control_die(control);
	}
}

void
relayconf_read(struct relayconf *c, struct control *control, int passwords_too)
{
	int const r = control_line(control, "helohost", &c->helo);

	c->timeout = 0;
	if (r == -1 || (!r && control_me(control, &c->helo) == -1) ||
	    control_number(control, "timeoutremote", &c->timeout, 1, 86400) == -1)
		control_die(control);
	read_passwords(c, control, passwords_too);
}
