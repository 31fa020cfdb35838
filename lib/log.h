#ifndef LIB_LOG_H
#define LIB_LOG_H

/*
 * log - one line an event: "PROG[PID]: event=NAME key=value …", written whole.
 *
 * The line goes to descriptor 2, as multilog, s6-log and journald expect. Where
 * descriptor 2 is a datagram socket it is syslog's (log_open made it so, and the
 * programs started from here inherit it), and the line gets a syslog header.
 * Values are quoted when they hold more than plain ASCII, and every control byte,
 * quote, backslash and byte that is not UTF-8 is written as \xHH: nobody forges a
 * line, or steers the terminal of who reads it. Nothing allocates.
 */

#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MAX  2048 /* octets of one line; a value is cut to fit, a number left out */
#define LOG_VALUE_MAX 1024 /* octets of one value as given; the rest is cut, marked with … */

/*
 * log_open - name the program and make descriptor 2 fit to be logged to. If it
 * is closed, or the same socket as descriptor 0 (inetd gives a connection as 0,
 * 1 and 2), syslog takes its place, or /dev/null when there is no syslog.
 * Call it first in main (whatever opens a file before could become descriptor 2), and
 * again in a forked child that goes by another name.
 */
void log_open(char const *program);

/* One event: log_begin, any number of pairs, log_end (which writes; errno is kept). */
void log_begin(char const *event);
void log_str(char const *key, char const *value);
void log_bytes(char const *key, char const *value, size_t len);
void log_num(char const *key, uint64_t value);
void log_end(void);

#endif
