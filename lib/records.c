#include "records.h"

int
records_find(cdb const *c, cdb_data *d, char const *key, size_t len)
{
	int const r = cdb_find(c, d, key, (uint32_t)len);
	size_t at;

	if (r != 1)
		return r;
	at = (size_t)(d->s - c->map);
	return at <= c->size && d->len <= c->size - at ? 1 : -1;
}
