#ifndef DELIVER_QMAIL_H
#define DELIVER_QMAIL_H

/*
 * qmail - the language of .qmail files (dot-qmail(5)), their names, and the values
 * that programs get. Pure: no I/O; memory is the line table of struct qmail.
 */

#include <stddef.h>

#include <skalibs/genalloc.h>
#include <skalibs/stralloc.h>

#define QMAIL_TEXT_MAX     (1U << 20) /* octets of one .qmail file */
#define QMAIL_LINES_MAX    20000      /* instructions of one file */
#define QMAIL_FILES_MAX    16         /* Maildirs and mboxes of one file: each is kept open */
#define QMAIL_PROGRAMS_MAX 100        /* programs of one file */
#define QMAIL_NAME_MAX     256        /* octets of a .qmail file's name, NUL included */
#define QMAIL_ERROR_MAX    128

enum qmail_kind {
	QMAIL_MAILDIR, /* arg: path that ends with a slash */
	QMAIL_MBOX,    /* arg: path */
	QMAIL_PROGRAM, /* arg: a line for the shell */
	QMAIL_FORWARD, /* arg: an address as it was written */
};

struct qmail_line {
	enum qmail_kind kind;
	char const *arg; /* in the text, NUL-terminated */
};

struct qmail {
	genalloc lines; /* of struct qmail_line; start with GENALLOC_ZERO */
	size_t files, programs, forwards;
	char error[QMAIL_ERROR_MAX]; /* after a 0 */
};

/*
 * qmail_parse - read the instructions in text, which is cut into lines in place and
 * must outlive q. With forward_only (the file's execute bit), anything but forwards
 * is an error. Returns 1 (no lines at all: the caller's default delivery), 0 with
 * q->error (a mistake of the user: try later), or -1 without memory.
 */
int qmail_parse(struct qmail *q, stralloc *text, int forward_only);

/*
 * qmail_name - the nth (from 0) file name to try for an extension: .qmail DASH EXT, then
 * with EXT cut at each hyphen from the right and "default" in its place. EXT is
 * lower-cased in it, a dot or slash becomes a colon. *rest is where in ext the part
 * begins that "default" stands for (its length for n = 0). Returns 1, 0 for no more
 * names, -1 for a name too long for any file to have it.
 */
int qmail_name(char to[QMAIL_NAME_MAX], char const *dash, char const *ext, size_t n, size_t *rest);

/* What a program may know about the message. */
struct qmail_facts {
	char const *user, *home;
	char const *recipient;    /* the whole address, as Delivered-To has it */
	char const *local, *host; /* its parts, unquoted */
	char const *ext;
	char const *rest; /* what "default" stands for, or null */
	char const *sender;
	char const *newsender;
	char const *path; /* PATH */
	long long now;    /* seconds since 1970, for the From_ line */
};

/*
 * qmail_environment - add NAME=value, NUL, for each variable of dot-qmail(5). Control
 * octets become _, and so does the first octet of a value that begins with "()"
 * (shells have taken that for code). Returns the number of variables, 0 without memory.
 */
size_t qmail_environment(stralloc *env, struct qmail_facts const *facts);

/*
 * qmail_newsender - the sender that forwards carry: the old one, or with a list's
 * -owner file (owner 1) LOCAL-owner@HOST, or with -owner-default too (owner 2)
 * LOCAL-owner-@HOST-@[] (a sender for each recipient). A bounce keeps its sender.
 * Returns 1, or 0 without memory; to is NUL-terminated.
 */
int qmail_newsender(stralloc *to, struct qmail_facts const *facts, int owner);

/*
 * The two header lines and the From_ line, each ended by LF. The sender is
 * cleaned as qmail does it. Return 1, or 0 without memory. to is not NUL-terminated.
 */
int qmail_return_path(stralloc *to, char const *sender);
int qmail_delivered_to(stralloc *to, char const *recipient);
int qmail_from_line(stralloc *to, char const *sender, long long now);

#endif
