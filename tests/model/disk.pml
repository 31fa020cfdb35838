/*
 * disk - what is in the page cache, what is on the disk, and what a power cut leaves.
 *
 * A file's name goes through ABSENT, LINKED, REMOVED; on the disk it is as far or behind.
 * Two kinds of file system: ORDERED is ext4 or xfs (a journal: any fsync commits all that
 * went before; what is not committed is lost from the end), ANYWHERE promises only what
 * POSIX does (fsync of a file keeps its content, of a directory its names, and what is not
 * synced is kept or lost piece by piece).
 */

#define ORDERED  0
#define ANYWHERE 1
bit disk; /* which one; queue and Maildirs alike */

/* mess/: the queue's files */
#define ABSENT  0
#define LINKED  1
#define REMOVED 2
byte name[M];     /* as programs see it */
byte diskname[M]; /* as it is on the disk, at least */
bit whole[M];             /* the content is on the disk */

/* state/: what is noted of each recipient; a later fact replaces an earlier one */
#define WAITING 0
#define FAILED  1
#define DONE    2
bit state[M];              /* the file is there */
bit state_synced[M];       /* its content is on the disk */
byte noted[X];     /* what it says */
byte disknoted[X]; /* what is on the disk, at least */

/* Maildirs: the copies of each recipient in new/, and how many of them a power cut can lose */
byte copies[X];
byte unsure[X];
bit rotten[X]; /* one of those was named before its content was on the disk */

/* What a crash makes possible, so that the properties can be exact about all else. */
byte may_repeat[X];  /* deliveries that may come twice */
byte may_rebounce[X]; /* reports that may come twice */
bit ever[X];            /* there was such a crash for this recipient */

hidden byte h, hx, hb, hj; /* for loops of one step */

/* commit_journal - ORDERED: everything done so far is on the disk. */
inline commit_journal()
{
	for (h : 0 .. M - 1) {
		diskname[h] = name[h];
		if
		:: state[h] && state_synced[h] ->
			for (hx : h * R .. h * R + R - 1) {
				disknoted[hx] = noted[hx];
			}
		:: else
		fi
	}
}

/* sync_directory - of mess/NN. */
inline sync_directory()
{
	if
	:: !crashes
	:: crashes && disk == ORDERED -> commit_journal()
	:: else ->
		for (h : 0 .. M - 1) {
			diskname[h] = name[h];
		}
	fi
}

/* sync_file - of message m; on ANYWHERE that says nothing about its name. */
inline sync_file(m)
{
	whole[m] = crashes > 0;
	if
	:: crashes && disk == ORDERED -> commit_journal()
	:: else
	fi
}

/* --- power: run by crash, with its variables k and kx --- */

/* lose_name - how far the name of message k had got. */
inline lose_name()
{
	do
	:: diskname[k] < name[k] -> diskname[k] = diskname[k] + 1
	:: break
	od
}

/* lose_notes - what is left of its state file; ORDERED keeps it while the message is there. */
inline lose_notes()
{
	if
	:: name[k] != ABSENT && !state[k] && disk == ANYWHERE ->
		/* its removal may have got to the disk before that of the message */
		for (kx : k * R .. k * R + R - 1) {
			disknoted[kx] = WAITING;
		}
	:: else
	fi;
	for (kx : k * R .. k * R + R - 1) {
		if
		:: disknoted[kx] = noted[kx]
		:: disknoted[kx] == WAITING && bounces[kx] -> disknoted[kx] = FAILED /* noted before */
		:: skip
		fi
	}
}

/* lose_copies - Maildir files whose name was not synced. */
inline lose_copies()
{
	for (kx : k * R .. k * R + R - 1) {
		do
		:: unsure[kx] -> unsure[kx] = unsure[kx] - 1;
			if
			:: copies[kx] = copies[kx] - 1
			:: assert(!rotten[kx]) /* a torn file in new/ */
			fi
		:: else -> break
		od;
		rotten[kx] = 0
	}
}

/* see_disk - what programs see of message k from now on. */
inline see_disk()
{
	name[k] = diskname[k];
	assert(name[k] != LINKED || whole[k]); /* a torn file in the queue */
	state[k] = 0;
	state_synced[k] = 1;
	for (kx : k * R .. k * R + R - 1) {
		noted[kx] = disknoted[kx];
		state[k] = state[k] || noted[kx] != WAITING
	}
}

/* forget_disk - no power cut can come any more: states that only it could tell apart are one. */
inline forget_disk()
{
	for (h : 0 .. M - 1) {
		diskname[h] = ABSENT;
		whole[h] = 0;
		state_synced[h] = 0
	}
	for (h : 0 .. X - 1) {
		disknoted[h] = WAITING;
		unsure[h] = 0;
		rotten[h] = 0
	}
	disk = ORDERED
}

/* sure - whether the disk holds that recipient x of message m is done with, or has failed. */
#define SURE(m, x, fate) \
	(diskname[m] == REMOVED || (disknoted[x] >= fate && (state[m] || disk == ORDERED)))

/*
 * excuse_power - what may now happen twice: a delivery or report of which no record was on
 * the disk. Removed messages count: it is their removal that is the record.
 */
inline excuse_power()
{
	for (h : 0 .. M - 1) {
		for (hx : h * R .. h * R + R - 1) {
			may_repeat[hx] = copies[hx] > 0 && !SURE(h, hx, FAILED);
			may_rebounce[hx] = bounces[hx] > 0 && !SURE(h, hx, DONE);
			ever[hx] = ever[hx] || may_repeat[hx] || may_rebounce[hx];
			may_repeat[hx] = (FAULT(power_cut_repeats_no_delivery) -> 0 : may_repeat[hx]);
			may_rebounce[hx] = (FAULT(power_cut_repeats_no_report) -> 0 : may_rebounce[hx])
		}
	}
}
