#ifndef LIB_CONTROL_H
#define LIB_CONTROL_H

/*
 * control - the run-time settings: files in conf-files/confdir/control, named and
 * shaped as qmail's (control(5)). Does file I/O, before the sandbox closes.
 *
 * One value: the first line, blanks and tabs at its end cut off. A list: one entry
 * a line, blanks and tabs around it cut off, empty lines and lines that begin with #
 * passed over. A file that is not there means the default. Anything else that is
 * wrong (unreadable, not a number, out of range, a NUL or CR, a line too long) is one
 * clear text naming file, line and remedy in control->error, for control_die or for
 * control-check to print.
 */

#include <stddef.h>
#include <stdint.h>

#include <skalibs/stralloc.h>

#define CONTROL_LINE_MAX  4096       /* octets of a line */
#define CONTROL_FILE_MAX  (1U << 22) /* octets of a file; put longer lists in a cdb */
#define CONTROL_ERROR_MAX 512

struct control {
	int dir;                       /* the open directory */
	char const *confdir;           /* the directory that control/, users/ and aliases are in */
	char error[CONTROL_ERROR_MAX]; /* after a -1 */
	char names[4096];              /* of the files that are there, each ended by NUL */
	size_t nameslen;
	int names_cut; /* there are more than fit: a name that is not here must be tried */
	char me[256];  /* as control_me read it once, or empty: two readers, one read */
};

/*
 * control_open - open the directory and note which files are in it, so that one that
 * is not there costs no system call. 1, or -1 with control->error.
 * control_open_at - the same for another confdir, which must outlive c (for tests, and
 * to check settings before they are put in place).
 */
int control_open(struct control *c);
int control_open_at(struct control *c, char const *confdir);
void control_close(struct control *c);

/*
 * Each returns 1 set from the file, 0 no such file (out keeps the default it came
 * with), -1 with control->error.
 * control_line: text without its end of line, NUL-terminated (len excludes it).
 * control_number: a decimal number from min to max.
 * control_list: entries, each ended by NUL, lower-cased when fold is set.
 * control_fd: an open descriptor of the file (for cdb), close-on-exec.
 */
int control_line(struct control *c, char const *name, stralloc *out);
int control_number(struct control *c, char const *name, uint64_t *out, uint64_t min, uint64_t max);
int control_list(struct control *c, char const *name, stralloc *out, int fold);
int control_fd(struct control *c, char const *name, int *fd);

/* control_me - the file `me`, this host's name, lower-cased; there is no default. 1 or -1. */
int control_me(struct control *c, stralloc *out);

/*
 * For what only the reader of a setting can know to be wrong: both set control->error
 * and return -1. The text says what is wrong and, after a colon, the remedy.
 * control_bad - about the value of a one-line setting.
 * control_bad_entry - about a list's entry, which is numbered from 0 as control_list gave it.
 */
int control_bad(struct control *c, char const *name, char const *text);
int control_bad_entry(struct control *c, char const *name, size_t entry, char const *text);

/* control_die - end with the error; EXIT_PERM, since trying again does not mend a setting. */
_Noreturn void control_die(struct control const *c);

/*
 * control_next - walk a list made by control_list: returns the next entry (ended by
 * NUL) and sets *len, or null at the end. Start with *pos = 0.
 */
char const *control_next(stralloc const *list, size_t *pos, size_t *len);

/* control_has - whether entry (len octets, lower-case) is in a list made by control_list. */
int control_has(stralloc const *list, char const *entry, size_t len);

/*
 * control_has_domain - the same for a domain in qmail's way: an entry "host" is
 * that host, ".suffix" is every host below it. Case is ignored.
 */
int control_has_domain(stralloc const *list, char const *domain, size_t len);

#endif
