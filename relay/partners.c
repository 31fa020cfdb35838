#include "partners.h"

#include <sys/socket.h>
#include <unistd.h>

#include "chain.h"
#include "hop.h"

void
partners_start(char const *const *argv)
{
	static char const *const tls[] = { "relay-tls", 0 };
	int type = 0;
	socklen_t len = sizeof type;

	/* a caller's own descriptor of that number is nothing to hand on */
	if (getsockopt(RELAY_STS, SOL_SOCKET, SO_TYPE, &type, &len) == -1 || type != SOCK_SEQPACKET)
		close(RELAY_STS);
	chain_start_at(argv, SOCK_SEQPACKET, RELAY_CONNECT);
	close(RELAY_STS);
	chain_start_at(tls, SOCK_SEQPACKET, RELAY_TLS);
}
