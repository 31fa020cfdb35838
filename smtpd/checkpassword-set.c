/* checkpassword-set - give a user a password, or take it away; see checkpassword-set.8 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <linux/capability.h>

#include "config.h"
#include "die.h"
#include "log.h"
#include "passwords.h"
#include "priv.h"
#include "pwhash.h"
#include "sandbox.h"
#include "sasl.h"

#define USAGE "checkpassword-set [-d] [-s] [-f file] user"

extern struct sandbox_policy const checkpassword_set_policy;

/* Where the file is, and what will take its place. */
static struct {
	char dir[PATH_MAX], name[NAME_MAX - 32], temp[NAME_MAX];
	int dirfd, fd, old;
	uid_t uid;
	gid_t gid;
} place;

static stralloc text = STRALLOC_ZERO;
static char password[SASL_NAME_MAX + 1];
static struct termios terminal; /* as it was */
static int silenced;            /* it is not as it was */

static void
split(char const *path)
{
	char const *const slash = strrchr(path, '/');
	char const *const name = slash ? slash + 1 : path;
	int const dirlen = slash ? (int)(slash - path + (slash == path)) : 1;

	if (!*name || strlen(name) >= sizeof place.name || strlen(path) >= sizeof place.dir)
		die_perm(path, " is no name for a file");
	snprintf(place.dir, sizeof place.dir, "%.*s", dirlen, slash ? path : ".");
	snprintf(place.name, sizeof place.name, "%s", name);
	snprintf(place.temp, sizeof place.temp, ".%s.new", name);
}

/* open_place - nobody else may be at it: two who each add a user must not lose one. */
static void
open_place(char const *path)
{
	struct stat st;
	struct priv_user auth;

	split(path);
	place.dirfd = open(place.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place.dirfd == -1 || flock(place.dirfd, LOCK_EX) == -1)
		die_temp("use the directory ", place.dir);
	place.old = openat(place.dirfd, place.name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (place.old == -1 && errno != ENOENT)
		die_temp("open ", path);
	place.uid = geteuid();
	place.gid = getegid();
	if (place.old != -1 && !fstat(place.old, &st)) {
		place.uid = st.st_uid;
		place.gid = st.st_gid;
	} else if (!geteuid()) {
		priv_find(CONF_USER_AUTH, &auth);
		place.gid = auth.gid;
	}
	unlinkat(place.dirfd, place.temp, 0); /* of one that was killed: we have the lock */
	place.fd = openat(
	    place.dirfd, place.temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (place.fd == -1 || fchown(place.fd, place.uid, place.gid) == -1 ||
	    fchmod(place.fd, 0640) == -1)
		die_temp("write into ", place.dir);
}

static void
unsilence(void)
{
	if (silenced)
		tcsetattr(0, TCSANOW, &terminal);
	silenced = 0;
}

static void
give_up(void)
{
	unsilence();
	unlinkat(place.dirfd, place.temp, 0);
}

/* drop_capabilities - what is left to do, whoever owns the directory may do. */
static void
drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct const none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capset, &header, none) == -1)
		die_temp("drop capabilities");
}

static void
read_old(char const *path)
{
	char const *why = 0;
	int const r = place.old == -1 ? 1 : passwords_read(place.old, &text, &why);

	if (r == -1)
		die_temp("read ", path);
	if (!r)
		die_perm(path, ": ", why);
	if (text.len && text.s[text.len - 1] != '\n' && !stralloc_append(&text, '\n'))
		die_nomem();
}

/* ---- the password */

static void
interrupted(int number)
{
	(void)number;
	give_up();
	_exit(EXIT_PERM);
}

/* ask - a line of descriptor 0, without its end. */
static void
ask(char to[SASL_NAME_MAX + 1], char const *prompt)
{
	size_t n = 0;

	if (prompt)
		(void)!write(2, prompt, strlen(prompt));
	while (n <= SASL_NAME_MAX && read(0, to + n, 1) == 1 && to[n] != '\n')
		n++;
	if (prompt)
		(void)!write(2, "\n", 1);
	if (n >= SASL_NAME_MAX)
		die_perm("the password is too long: 255 octets at the most");
	to[n] = 0;
	if (!n || strlen(to) != n)
		die_perm("a password is one line, not empty");
}

/* read_password - twice from a terminal, where it is not seen; once from anything else. */
static void
read_password(void)
{
	static char again[SASL_NAME_MAX + 1];
	struct termios silent;

	if (tcgetattr(0, &terminal) == -1) {
		ask(password, 0);
		return;
	}
	silent = terminal;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	silenced = 1;
	tcsetattr(0, TCSANOW, &silent);
	ask(password, "New password: ");
	ask(again, "Again: ");
	unsilence();
	if (strcmp(password, again) != 0)
		die_perm("the two are not the same: nothing was changed");
	explicit_bzero(again, sizeof again);
}

/* ---- the file */

static void
write_all(char const *data, size_t len)
{
	while (len) {
		ssize_t const n = write(place.fd, data, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			die_temp("write the new file");
		data += n;
		len -= (size_t)n;
	}
}

/* replace - the file by one in which the user's line is that, or is not, if it is empty. */
static void
replace(char const *user, char const *hash)
{
	char line[SASL_NAME_MAX + PASSWORDS_HASH_MAX + 3];
	size_t start = text.len;
	size_t const size = passwords_line(text.s, text.len, user, &start);

	if (!*hash && !size)
		die_perm("there is no user ", user);
	write_all(text.s, start);
	if (*hash)
		write_all(line, (size_t)snprintf(line, sizeof line, "%s:%s\n", user, hash));
	if (text.len)
		write_all(text.s + start + size, text.len - start - size);
	if (fsync(place.fd) == -1 ||
	    renameat(place.dirfd, place.temp, place.dirfd, place.name) == -1 ||
	    fsync(place.dirfd) == -1)
		die_temp("put the new file in place");
	die_last_words = 0;
}

int
main(int argc, char **argv)
{
	char const *path = CONF_CONFDIR "/control/" PASSWORDS_FILE;
	char hash[PASSWORDS_HASH_MAX] = "";
	int c, scram = 0, remove_user = 0;

	log_open("checkpassword-set");
	opterr = 0;
	while ((c = getopt(argc, argv, "df:s")) != -1)
		switch (c) {
		case 'd': remove_user = 1; break;
		case 'f': path = optarg; break;
		case 's': scram = 1; break;
		default: die_usage(USAGE);
		}
	if (optind != argc - 1)
		die_usage(USAGE);
	if (!sasl_is_name(argv[optind]) || strlen(argv[optind]) >= SASL_NAME_MAX)
		die_perm(argv[optind], " is no name for a user: letters, digits, ._+-=@~#!&^");
	open_place(path);
	die_last_words = give_up;

	struct sandbox_tree const trees[] = {
		{ place.dirfd, LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE },
	};
	drop_capabilities();
	sandbox_enter(&checkpassword_set_policy, trees, sizeof trees / sizeof *trees);
	read_old(path);
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	signal(SIGHUP, interrupted);
	if (!remove_user) {
		read_password();
		if (!pwhash_make(hash, password, scram))
			die_temp("make a hash");
		explicit_bzero(password, sizeof password);
	}
	replace(argv[optind], hash);
	return EXIT_DONE;
}
