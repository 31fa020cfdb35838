#include "date.h"

#include <stdio.h>

size_t
date_rfc5322(char to[DATE_MAX], time_t when)
{
	static char const day[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static char const month[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	struct tm t;
	int n;

	if (!gmtime_r(&when, &t))
		when = 0, gmtime_r(&when, &t);
	n = snprintf(to, DATE_MAX, "%s, %02d %s %d %02d:%02d:%02d +0000", day[t.tm_wday], t.tm_mday,
	    month[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
	return n < 0 ? 0 : (size_t)n;
}
