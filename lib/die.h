#ifndef LIB_DIE_H
#define LIB_DIE_H

/*
 * die - how a program ends. The exit code is the only thing a parent may act
 * on; the text goes to the log and is for people.
 */

enum exit_code {
	EXIT_DONE = 0,   /* the work was done and is on disk or acknowledged */
	EXIT_PERM = 100, /* trying again will not help: bad usage, bad settings, refused */
	EXIT_TEMP = 111, /* try again later: no memory, no space, I/O error, timeout */
};

/*
 * Each takes strings that end with a null pointer behind the macro; they are
 * joined and logged as the reason. They are quoted by the log, so bytes from a
 * client are safe here too. die_temp adds the text of errno.
 */
#define die_usage(usage) die_log(EXIT_PERM, 0, "usage: ", usage, (char const *)0)
#define die_perm(...)    die_log(EXIT_PERM, 0, __VA_ARGS__, (char const *)0)
#define die_temp(...)    die_log(EXIT_TEMP, 1, "unable to ", __VA_ARGS__, (char const *)0)
#define die_nomem()      die_temp("allocate memory")

/* die_last_words - called once before the end: how a program tells its peer. Null: nothing. */
extern void (*die_last_words)(void);

/* die_log - log "event=fatal reason=…" and exit; with_errno adds strerror(errno). */
_Noreturn void die_log(enum exit_code code, int with_errno, ...);

#endif
