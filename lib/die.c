#include "die.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define REASON_MAX 512 /* octets; what is longer is cut */

void (*die_last_words)(void);

void
die_log(enum exit_code code, int with_errno, ...)
{
	char reason[REASON_MAX];
	size_t len = 0;
	char const *why = with_errno ? strerrordesc_np(errno) : 0;
	char const *s;
	va_list parts;

	va_start(parts, with_errno);
	while ((s = va_arg(parts, char const *))) {
		size_t n = strnlen(s, sizeof reason - len);

		memcpy(reason + len, s, n);
		len += n;
	}
	va_end(parts);
	log_begin("fatal");
	log_bytes("reason", reason, len);
	if (why)
		log_str("error", why);
	log_end();
	if (die_last_words)
		die_last_words();
	_exit((int)code);
}
