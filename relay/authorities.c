#include "authorities.h"

#include "die.h"

#define USUAL "/etc/ssl/certs/ca-certificates.crt"

int
authorities_path(struct control *control, stralloc *path)
{
	int const r = control_line(control, "tlscafile", path);

	if (r == 0 && (!stralloc_copys(path, USUAL) || !stralloc_0(path)))
		die_nomem();
	return r == -1 ? -1 : 1;
}
