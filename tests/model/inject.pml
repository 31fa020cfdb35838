/*
 * inject - queue-inject: one process a message, either of a client or of queue-send's own
 * (a report). The client's acknowledgement is the property's: from then on the mail counts.
 */

#define NOBODY      0
#define BEGUN       1 /* the file has no name yet: if this process ends now, it never was */
#define WOKEN_EARLY 2 /* only as a fault */
#define NAMED       3
#define ANSWERED    4
#define KILLED      5
byte inject[M]; /* how far the process of that message has come */
#define AT_WORK(m) (inject[m] >= BEGUN && inject[m] < ANSWERED)

/* Reports: slots from U on. What a report is about: the recipients (bits) of a message. */
byte about[M];
byte whose[M];
byte bounces[X]; /* reports about that recipient that got into the queue */

/* The trigger: lines are taken all at once and each id is written once, so a set will do. */
byte fifo;
#define FIFO_CAPACITY 2
#define COUNT(set) (((set) & 1) + ((set) >> 1 & 1) + ((set) >> 2 & 1) + ((set) >> 3 & 1) + \
	((set) >> 4 & 1))

#define HOW (FAULT(trust_any_disk) -> ORDERED : disk)

inline durable_data(m) /* lib/durable.c */
{
	whole[m] = crashes && !FAULT(link_before_data) && (HOW == ANYWHERE || disk == ORDERED)
}

inline link_file(m) /* queue/inject.c */
{
	name[m] = LINKED;
	for (h : 0 .. R - 1) {
		if
		:: m >= U && (about[m] >> h & 1) ->
			hx = whose[m] * R + h;
			assert(!bounces[hx] || may_rebounce[hx]); /* a second report */
			assert(!copies[hx] || ever[hx]);          /* of mail that arrived */
			may_rebounce[hx] = (bounces[hx] -> may_rebounce[hx] - 1 : may_rebounce[hx]);
			bounces[hx] = bounces[hx] + 1
		:: else
		fi
	}
}

inline durable_name(m) /* lib/durable.c */
{
	if
	:: FAULT(answer_before_sync)
	:: !FAULT(answer_before_sync) && HOW == ANYWHERE -> sync_directory()
	:: else -> sync_file(m)
	fi
}

/* wake - a full pipe takes nothing, and nobody is told. */
inline wake(m) /* queue/inject.c */
{
	if
	:: COUNT(fifo) < FIFO_CAPACITY -> fifo = fifo | 1 << m
	:: else
	fi
}

/* end - E was answered with K. */
inline end(m) /* queue/queue-inject.c */
{
	inject[m] = ANSWERED
}

/*
 * inject_commit - the steps of it that can be told apart: up to the name (write_all comes
 * before), and from there to the answer. A kill or a power cut in the midst of the second is
 * one before it, after which the name is found on the disk.
 */
inline inject_commit(m) /* queue/inject.c */
{
	if
	:: inject[m] == BEGUN && FAULT(wake_before_link) ->
		wake(m);
		inject[m] = WOKEN_EARLY
	:: inject[m] == WOKEN_EARLY || (inject[m] == BEGUN && !FAULT(wake_before_link)) ->
		durable_data(m);
		link_file(m);
		inject[m] = NAMED
	:: inject[m] == NAMED ->
		durable_name(m);
		if
		:: FAULT(wake_before_link)
		:: else -> wake(m)
		fi;
		end(m)
	fi
}

proctype queue_inject(byte m)
{
endbegin:
	do
	:: d_step { AT_WORK(m) -> inject_commit(m) }
	od
}
