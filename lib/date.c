#include "date.h"

#include <stdio.h>

#define DAY      86400                      /* seconds */
#define LAST_DAY ((9999 - 1970 + 1) * 365L) /* somewhere in 9992: years have four digits */

static char const day_name[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static char const month_name[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
	"Sep", "Oct", "Nov", "Dec" };

static int
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_of_month(int month, int year)
{
	static int const days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month] + (month == 1 && is_leap(year));
}

/* gmtime(3) would do, but glibc's opens /etc/localtime, even for UTC: SIGSYS in a sandbox. */
size_t
date_rfc5322(char to[DATE_MAX], time_t when)
{
	long day = when < 0 ? 0 : when / DAY;
	int const second = when < 0 ? 0 : (int)(when % DAY);
	int year = 1970, month = 0;
	int weekday, n;

	if (day > LAST_DAY)
		day = LAST_DAY;
	weekday = (int)((day + 4) % 7); /* 1 January 1970 was a Thursday */
	for (; day >= 365 + is_leap(year); year++)
		day -= 365 + is_leap(year);
	for (; day >= days_of_month(month, year); month++)
		day -= days_of_month(month, year);
	n = snprintf(to, DATE_MAX, "%s, %02d %s %d %02d:%02d:%02d +0000", day_name[weekday],
	    (int)day + 1, month_name[month], year, second / 3600, second / 60 % 60, second % 60);
	return n < 0 ? 0 : (size_t)n;
}
