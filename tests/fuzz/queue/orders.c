/* Any octets in the trigger and in the pipe for orders. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../fuzz.h"
#include "message.h"
#include "orders.h"

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	static struct orders o;
	uint64_t time, inode;
	char const *line;
	char id[MESSAGE_ID_MAX];
	size_t pos = 0, len;
	int p[2], full;

	if (!size || size > 60000 || pipe2(p, O_NONBLOCK) == -1)
		return 0;
	o.fd = p[0];
	o.capacity = 65536;
	o.len = 0;
	must(write(p[1], data, size) == (ssize_t)size);
	must(orders_read(&o, &full) == 1);
	while (orders_next(&o, &pos, &line, &len))
		switch (order_parse(line, len, &time, &inode)) {
		case ORDER_NONE:
		case ORDER_RETRY_ALL: break;
		default: message_id(id, time, inode); must(memmem(line, len, id, strlen(id)));
		}
	close(p[0]);
	close(p[1]);
	return 0;
}
