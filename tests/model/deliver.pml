/*
 * deliver - the sinks that deliver-spawn hands out. Each serves one delivery after another;
 * one that queue-send has left alone (it was killed, or did not want to wait) goes on to its
 * end: nobody reads its answer.
 */

#define FREE   0
#define BUSY   1 /* up to the moment when the file gets its name */
#define STORED 2
#define SAYS_K 3
#define SAYS_Z 4
#define SAYS_D 5
#define ENDED  6 /* queue-send sees the end of the stream */
byte sink[SINKS];
byte sink_for[SINKS]; /* the recipient */
bit orphan[SINKS];
#define IS_SLOW(i)      (sink[i] >= BUSY && sink[i] <= STORED)
#define IS_ANSWERING(i) (sink[i] >= SAYS_K)

byte trouble; /* deliveries that may still be deferred */

inline reply(i, with)
{
	sink[i] = (orphan[i] -> FREE : with);
	orphan[i] = 0;
	sink_for[i] = (sink[i] == FREE -> 0 : sink_for[i])
}

/* name_it - now the user has it. Before it: copy, durable_data. */
inline name_it(i) /* deliver/maildir.c */
{
	hx = sink_for[i];
	assert(!copies[hx] || may_repeat[hx]); /* a second delivery */
	assert(!bounces[hx] || ever[hx]);      /* of mail that was returned */
	may_repeat[hx] = (copies[hx] -> may_repeat[hx] - 1 : may_repeat[hx]);
	copies[hx] = copies[hx] + 1;
	unsure[hx] = unsure[hx] + (crashes > 0);
	rotten[hx] = rotten[hx] || (crashes && HOW == ORDERED && disk == ANYWHERE);
	sink[i] = STORED
}

/* maildir_commit - its second half: durable_name. */
inline maildir_commit(i) /* deliver/maildir.c */
{
	if
	:: FAULT(sink_answers_before_sync) || (HOW == ORDERED && disk == ANYWHERE)
	:: else -> unsure[sink_for[i]] = unsure[sink_for[i]] - (unsure[sink_for[i]] > 0)
	fi
}

/* deliver_local - delivery_run, and its answer. */
proctype deliver_local(byte i)
{
endidle:
	do
	:: d_step { sink[i] == BUSY -> name_it(i) }
	:: d_step { sink[i] == BUSY && trouble -> trouble = trouble - 1; reply(i, SAYS_Z) }
	:: d_step { sink[i] == BUSY && sink_for[i] < U * R && REFUSALS -> reply(i, SAYS_D) }
	:: d_step { sink[i] == STORED -> maildir_commit(i); reply(i, SAYS_K) }
	od
}
