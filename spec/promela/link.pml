/* The exchange of one direction of a line, for spin: docs/model.md says what
 * is modelled, what is left out, and how it is run.
 *
 * North says things, south stores, shows and receipts them. Both seal what they
 * send, under epochs of their own. Between them lie two channels that are used
 * at the same time: a cable, in order and whole until it is cut, and a radio
 * that loses, repeats, delays and reorders what it likes, for ever. Stations
 * crash, lose the secrets of epochs, and are restored from an old copy. A step of a process is one turn of a station (DESIGN §6): what it
 * changes is durable before anything is sent, and a crash comes between turns.
 *
 * What each rule follows is named beside it. -DBREAK_… leaves one rule out;
 * for each there is a run in which spin must find what then goes wrong.
 */

#ifndef N
#define N 2			/* how many messages north's people release */
#endif
#ifndef CUTS
#define CUTS 1			/* how often the cable is cut */
#endif
#ifndef CRASH_N
#define CRASH_N 1		/* how often north crashes */
#endif
#ifndef CRASH_S
#define CRASH_S 1
#endif
#ifndef LOSE_N
#define LOSE_N 0		/* how often north starts without the secrets of south's epochs */
#endif
#ifndef LOSE_S
#define LOSE_S 0
#endif
#ifndef RESTORE_N
#define RESTORE_N 0		/* how often north is restored from an old copy: 0 or 1 */
#endif
#ifndef RESTORE_S
#define RESTORE_S 0
#endif

#ifndef RADIO_N
#define RADIO_N 1		/* whether there is a radio from north to south */
#endif
#ifndef RADIO_S
#define RADIO_S 1
#endif

#define G (1 + RESTORE_N)	/* generations of north's log */
#define FLASH N			/* the last message is a Flash: receipted singly */

#define NORTH 0
#define SOUTH 1

/* Entry n of generation g has the place AT; sets of entries and of messages
 * are bits of a byte. */
#define AT(g, n) ((g) * N + (n) - 1)
#define BIT(i)   (1 << (i))
#define IN(s, i) (((s) >> (i)) & 1)

/* A frame (FRAME §2) with the bundle in it (ENVELOPE §6). e is 0: no frame. */
typedef frame {
	unsigned e : 3;		/* epoch it is sealed under */
	unsigned o : 2;		/* 1 + batch of prekeys that its opening is to; 0: no opening */
	unsigned b : 2;		/* newest batch of prekeys of its sender */
	unsigned heard : 3;	/* newest epoch its sender opened a frame of: the answer to a line check */
	unsigned unknown : 8;	/* epochs its sender cannot open */
	/* north to south */
	unsigned g : 1;		/* both ways: the newest generation of north's log; 1: renewal, closing (GENERATION §2, §3) */
	unsigned n : 2;		/* entry, 0: none */
	unsigned c : 3;		/* what stands in it; its generation follows from its number */
	unsigned k : 2;		/* checkpoint of this size, 0: none */
	unsigned old : 1;	/* entry and checkpoint are of the first generation */
	unsigned want : 2;	/* recall (GENERATION §4): the entry of its own log that a restored north asks for */
	/* south to north */
	unsigned held : 3;	/* report: the numbers held, whatever their generation */
	unsigned one : 6;	/* places that single receipts are given for: a receipt has the leaf hash */
	unsigned cosigned : 2;	/* cosignature to this size */
	unsigned shut : 3;	/* closing: 1 + size at which the first generation ended; 0: none */
	unsigned life : 1;	/* how often south was restored: its epoch says so */
};

/* Each direction, named by who sends: NORTH is north to south. */
frame cable[2];			/* under way on the cable */
frame radio[2];			/* the radio hands over its last frame again and again, until it takes another */
bool up = true;

/* Epochs of each direction (ENVELOPE §1, §2). The sender's secret reaches no
 * disk: a start opens a new epoch. */
byte     epoch[2] = 1;		/* sender, volatile: the current one */
bool     proved[2];		/* sender, volatile: the addressee holds it; no opening any more */
byte     keeps[2];		/* addressee, durable: epochs it can open */
byte     ever[2];		/* addressee: epochs it opened once; the prekey of each is destroyed */
byte     batch[2];		/* addressee, durable: the batch of prekeys that it holds */
byte     known[2];		/* sender, durable: the newest batch it was given */
byte     heard[2];		/* by station, volatile: newest epoch of the peer a frame was opened of */
byte     cannot[2];		/* by station, volatile: epochs of the peer to be named unknown */
bool     owes[2];		/* by station, volatile: an answer, or its state, is due */

/* North's journal. */
unsigned gen : 1;		/* generation that it writes */
byte     log[G * N];		/* message in each place, 0: none */
unsigned size : 2;		/* entries, in all generations */
unsigned ends : 3;		/* 1 + size at which the first generation ended; 0: not known */
byte     done;			/* places with a receipt, verified and stored: not sent again */
unsigned peerlife : 1;		/* the newest life of south that it knows of */
byte     told;			/* volatile: numbers reported held */
unsigned said : 2;		/* messages that people have released, for ever */

/* South's journal. */
byte     store[G * N];		/* message in each place, 0: not held */
unsigned cosigned : 2;		/* size cosigned */
unsigned shut : 3;		/* 1 + size at which the first generation ended; 0: it goes on */
byte     strays;		/* numbers beyond that end that came all the same (GENERATION §6) */
byte     shown;			/* messages presented */
unsigned life : 1;
byte     singles;		/* volatile: places that a single receipt is due for */
unsigned give : 2;		/* volatile: number that is recalled */
bool     greets;		/* restored, and north has not answered yet */

/* Ghosts: what nobody knows, and no crash or copy takes back. */
byte     first[G * N];		/* message that a place was given to first */
byte     seen;			/* messages people at south saw, in this life of south */
byte     gone;			/* messages that went down with north's old disk */

#ifdef BREAK_RECEIPT_BEFORE_DURABLE
byte soft;			/* entries south has not made durable */
#endif
#ifdef BREAK_SEND_BEFORE_DURABLE
bool loose;			/* north's last entry is not durable */
#endif
#ifdef BREAK_SEND_ONCE
byte sent;
#endif

hidden frame f;			/* the frame that a step makes or takes; no step leaves one in it */
hidden byte i;
hidden byte j;
hidden byte moved;

#define EACH(x) do :: j > N -> break :: else -> x; j++ od	/* numbers from j on */

/* Which generation a number belongs to, for each of them. */
#define NORTHS(n) (ends != 0 && (n) >= ends)
#define SOUTHS(n) (shut != 0 && (n) >= shut)

/* South holds the numbers HELD, and CONTIGUOUS of them without a gap. */
#define HOLDS(n) (store[AT(SOUTHS(n), n)] != 0)
#if N == 2
#define HELD       (HOLDS(1) | (HOLDS(2) << 1))
#define CONTIGUOUS (!HOLDS(1) -> 0 : (!HOLDS(2) -> 1 : 2))
#else
#define HELD       (HOLDS(1) | (HOLDS(2) << 1) | (HOLDS(3) << 2))
#define CONTIGUOUS (!HOLDS(1) -> 0 : (!HOLDS(2) -> 1 : (!HOLDS(3) -> 2 : 3)))
#endif

/* Numbers of north that are not receipted, and those not even reported held. */
#define RECEIPTED(n) IN(done, AT(NORTHS(n), n))
#if N == 2
#define UNDONE ((BIT(size) - 1) & ~(RECEIPTED(1) | (RECEIPTED(2) << 1)))
#else
#define UNDONE ((BIT(size) - 1) & ~(RECEIPTED(1) | (RECEIPTED(2) << 1) | (RECEIPTED(3) << 2)))
#endif
#ifdef BREAK_SEND_ONCE
#define UNTOLD (UNDONE & ~told & ~sent)
#else
#define UNTOLD (UNDONE & ~told)
#endif

/* A restored north signs nothing until it knows where its log ended and has all
 * of it again (GENERATION §5). */
#if RESTORE_N
#define CLOSING (gen == 1 && (ends == 0 || size < ends - 1))
#else
#define CLOSING false
#endif

/* A stray that did not become an entry yet. */
#if RESTORE_N
#if N == 2
#define PLACED(m) (store[AT(1,1)] == m || store[AT(1,2)] == m)
#else
#define PLACED(m) (store[AT(1,1)] == m || store[AT(1,2)] == m || store[AT(1,3)] == m)
#endif
#define STRAYED(n) (IN(strays, n) && !PLACED(first[AT(0, n)]))
#if N == 2
#define STRAYING (STRAYED(1) || STRAYED(2))
#define STRAY    (STRAYED(1) -> 1 : (STRAYED(2) -> 2 : 0))
#else
#define STRAYING (STRAYED(1) || STRAYED(2) || STRAYED(3))
#define STRAY    (STRAYED(1) -> 1 : (STRAYED(2) -> 2 : (STRAYED(3) -> 3 : 0)))
#endif
#else
#define STRAYING false
#endif

/* --- what goes out ----------------------------------------------------- */

/* seal fills in what every frame of a station carries. The opening is left out
 * once the addressee is known to hold the epoch (ENVELOPE §2), but goes with
 * unknown, since a peer that lost one secret may have lost all (§4). */
inline seal(me) {
	f.e = epoch[me];
	f.b = batch[1-me];
	f.heard = heard[me];
	f.unknown = cannot[me];
	f.o = 0;
	if
	:: !proved[me] -> f.o = 1 + known[me]
	:: proved[me] && f.unknown != 0 -> f.o = 1 + known[me]
	:: else
	fi;
	cannot[me] = 0;
	owes[me] = false
}

/* A frame goes over both channels at the same time (FLOW §3). A full cable
 * takes none: a channel need not keep what it could not deliver (FRAME §1).
 * air: whether the radio takes it, in place of the one before. */
inline put(me, air) {
	if
	:: up && cable[me].e == 0 -> copy(cable[me], f)
	:: else
	fi;
	if
	:: air -> copy(radio[me], f)
	:: else
	fi;
	wipe(f)
}

inline copy(to, from) {
	to.e = from.e; to.o = from.o; to.b = from.b; to.heard = from.heard; to.unknown = from.unknown;
	to.g = from.g; to.n = from.n; to.c = from.c; to.k = from.k; to.old = from.old; to.want = from.want;
	to.held = from.held; to.one = from.one; to.cosigned = from.cosigned; to.shut = from.shut; to.life = from.life
}

inline wipe(x) {
	x.e = 0; x.o = 0; x.b = 0; x.heard = 0; x.unknown = 0;
	x.g = 0; x.n = 0; x.c = 0; x.k = 0; x.old = 0; x.want = 0;
	x.held = 0; x.one = 0; x.cosigned = 0; x.shut = 0; x.life = 0
}

/* --- what comes in ----------------------------------------------------- */

/* reopen opens another epoch, to the newest prekeys (ENVELOPE §4). One that
 * was never opened by the addressee keeps its name here: nothing tells it from
 * the next one. */
inline reopen(me) {
	if
	:: IN(ever[me], epoch[me]) -> assert(epoch[me] < 7); epoch[me]++
	:: else
	fi;
	proved[me] = false;
	owes[me] = true
}

/* sealed takes what every frame carries; you is its sender, me its addressee. */
inline sealed(me, you) {
	heard[me] = f.e;
	if	/* prekeys: a later batch replaces an earlier one (ENVELOPE §1) */
	:: f.b > known[me] -> known[me] = f.b
	:: else
	fi;
	if	/* an answered line check proves the epoch that it was asked under (§2) */
	:: f.heard == epoch[me] -> proved[me] = true
	:: else
	fi;
	if	/* unknown: a new epoch, and everything again that is not receipted (§4) */
	:: IN(f.unknown, epoch[me]) -> reopen(me)
	:: else
	fi
}

/* open tells whether a frame opens (ENVELOPE §2, §4): j. An opening is good
 * for one use of its prekey. A frame that does not open changes nothing but
 * that its epoch will be named unknown. */
inline open(me, you) {
	j = IN(keeps[you], f.e);
	if
	:: !j && f.o == 1 + batch[you] && !IN(ever[you], f.e) ->
		keeps[you] = keeps[you] | BIT(f.e);
		ever[you] = ever[you] | BIT(f.e);
		j = 1
	:: !j && !(f.o == 1 + batch[you] && !IN(ever[you], f.e)) ->
#ifndef BREAK_NO_UNKNOWN
		cannot[me] = cannot[me] | BIT(f.e);
		owes[me] = true
#else
		skip
#endif
	:: else
	fi
}

/* present shows a message to people, unless its draft was shown before:
 * storage and belief are separate (FLOW §2), and a draft is believed once
 * (MESSAGE §6). Nobody sees one twice. */
inline present(m) {
	if
#ifdef BREAK_DRAFT_AGAIN
	:: true ->
#else
	:: !IN(shown, m) ->
#endif
		assert(!IN(seen, m));
		shown = shown | BIT(m);
		seen = seen | BIT(m)
#ifndef BREAK_DRAFT_AGAIN
	:: else
#endif
	fi
}

/* An entry is stored once, by log and number, in whatever order it comes
 * (FLOW §3); copies are answered from what is stored (RECEIPT §7). */
inline entry() {
	i = AT(!f.old, f.n);
	if
	:: store[i] == 0 ->
		store[i] = f.c;
#ifdef BREAK_RECEIPT_BEFORE_DURABLE
		soft = soft | BIT(i);
#endif
		present(f.c)
	:: else ->
		assert(store[i] == f.c);	/* otherwise north signed two histories */
#ifdef BREAK_DEDUPE_IN_MEMORY
		present(f.c)
#endif
	fi;
	if	/* single receipts: for a Flash, and ahead of a gap (RECEIPT §3) */
	:: f.n == FLASH || f.n > CONTIGUOUS -> singles = singles | BIT(i)
	:: else
	fi
}

/* The cosignature says: I durably hold every entry below the size (RECEIPT §2). */
inline checkpoint() {
	if
#ifdef BREAK_COSIGN_OVER_GAP
	:: f.k > cosigned && HOLDS(f.k) -> cosigned = f.k
#else
	:: f.k > cosigned && f.k == CONTIGUOUS -> cosigned = f.k
#endif
	:: else
	fi
}

/* close ends the first generation at what is cosigned of it; what is held
 * beyond that has strayed (GENERATION §3, §6). */
inline close() {
	shut = 1 + cosigned;
	j = shut;
	EACH(if
	:: store[AT(0, j)] != 0 ->
#ifndef BREAK_STRAYS_DROPPED
		strays = strays | BIT(j);
#endif
		store[AT(0, j)] = 0
	:: else
	fi)
}

inline south_takes() {
	open(SOUTH, NORTH);
	if
	:: j ->
		sealed(SOUTH, NORTH);
		owes[SOUTH] = true;
		if
		:: f.heard == epoch[SOUTH] -> greets = false
		:: else
		fi;
#if RESTORE_N
		if
		:: f.g == 1 && shut == 0 -> close()
		:: else
		fi;
		if	/* of another generation than its number belongs to */
		:: f.n != 0 && f.old && SOUTHS(f.n) ->
#ifndef BREAK_STRAYS_DROPPED
			strays = strays | BIT(f.n);
#endif
			f.n = 0
		:: f.n != 0 && !f.old && !SOUTHS(f.n) -> f.n = 0
		:: else
		fi;
		if
		:: f.k != 0 && f.old == SOUTHS(f.k) -> f.k = 0
		:: else
		fi;
		if
		:: f.want > give -> give = f.want
		:: else
		fi;
#endif
		if
		:: f.n != 0 -> entry()
		:: else
		fi;
		if
		:: f.k != 0 -> checkpoint()
		:: else
		fi
	:: else
	fi;
	wipe(f)
}

/* append gives a message the next number (MESSAGE §5). A number of a generation
 * is used once, for one message. */
inline append(m) {
	assert(size < N);	/* each message has one number */
	size++;
	i = AT(gen, size);
	log[i] = m;
	assert(first[i] == 0 || first[i] == m);
	first[i] = m
}

#if !RESTORE_N
#define LOGGED(m) false
#elif N == 2
#define LOGGED(m) (log[0] == m || log[1] == m || log[2] == m || log[3] == m)
#else
#define LOGGED(m) (log[0] == m || log[1] == m || log[2] == m || log[3] == m || log[4] == m || log[5] == m)
#endif

/* place numbers a stray anew, unless its draft has a number already (GENERATION §6). */
inline place(m) {
	if
#ifndef BREAK_PLACE_TWICE
	:: LOGGED(m)
#endif
	:: else -> append(m)
	fi
}
#if RESTORE_N
/* closed takes south's word where the first generation ended. What north's copy
 * has beyond that has strayed. No receipt and no report from before counts. */
inline closed() {
	ends = f.shut;
	told = 0;
	j = ends;
	if
	:: size >= ends ->
		size = ends - 1;
		EACH(if
		:: log[AT(0, j)] != 0 -> moved = log[AT(0, j)]; log[AT(0, j)] = 0; place(moved)
		:: else
		fi)
	:: else
	fi
}

/* back takes what south sends back: recalled entries of the first generation,
 * each in its place, and strays. */
inline back() {
	assert(first[AT(0, f.n)] == f.c);
	if
	:: f.n < ends && f.n == size + 1 && CLOSING -> size++; log[AT(0, f.n)] = f.c
	:: f.n >= ends && !CLOSING -> place(f.c)
	:: else
	fi
}
#endif

/* Reports spare repeats, receipts end them (RECEIPT §6). They count if they are
 * about the entries that north has under these numbers. */
inline receipts() {
	if
#if RESTORE_N && !defined(BREAK_REPORT_OF_BEFORE)
	:: gen == 0 || (ends != 0 && f.shut != 0) -> told = told | f.held
#else
	:: true -> told = told | f.held
#endif
	:: else
	fi;
	done = done | f.one;
	if	/* a checkpoint is of the generation that its size belongs to */
	:: f.cosigned != 0 && (f.shut != 0 && f.cosigned >= f.shut) == NORTHS(f.cosigned) ->
		j = 1;
		EACH(if
		:: j <= f.cosigned -> done = done | BIT(AT(NORTHS(j), j))
		:: else
		fi)
	:: else
	fi
}

inline north_takes() {
	open(NORTH, SOUTH);
	if
	:: j ->
		sealed(NORTH, SOUTH);
		if	/* south was restored: what it has receipted is sent again */
		:: f.life > peerlife ->
			peerlife = f.life;
			told = 0;
#ifdef BREAK_SINGLES_STAY
			done = done & BIT(FLASH - 1)
#else
			done = 0
#endif
		:: else
		fi;
#if RESTORE_N
		if
		:: gen == 1 && ends == 0 && f.shut != 0 -> closed()
		:: else
		fi;
		if
		:: gen == 1 && ends != 0 && f.n != 0 -> back()
		:: else
		fi;
#endif
		if
#ifdef BREAK_RECEIPT_OF_BEFORE
		:: true -> receipts()
#else
		:: f.life == peerlife -> receipts()
#endif
		:: else
		fi
	:: else
	fi;
	wipe(f)
}

/* --- the processes ----------------------------------------------------- */

/* People release messages; each gets its number when it is durable (FLOW §2). */
active proctype people() {
end:	do
	:: d_step { said < N && !CLOSING ->
		said++;
		append(said);
#ifdef BREAK_SEND_BEFORE_DURABLE
		loose = true
	   }
	:: d_step { loose -> loose = false
#endif
	   }
	od
}

/* North sends what is not receipted, in any order, for as long as it is not
 * (FLOW §3). With nothing to send that is not reported held it sends its newest
 * checkpoint, and asks by that for the cosignature. */
active proctype north_sends() {
	unsigned n : 2;
	bool air;
end:	do
	:: atomic { (UNDONE != 0 || CLOSING || owes[NORTH]) && (!up || cable[NORTH].e == 0) ->
		if
		:: UNTOLD == 0 -> n = 0
		:: UNTOLD & 1 -> n = 1
		:: UNTOLD & 2 -> n = 2
#if N > 2
		:: UNTOLD & 4 -> n = 3
#endif
		fi;
		if
		:: air = false
#if RADIO_N
		:: air = true
#endif
		fi;
		d_step {
			seal(NORTH);
			f.g = gen;
#if RESTORE_N
			if
			:: CLOSING ->
				f.want = (ends != 0 -> size + 1 : 0);
				n = 0
			:: else
#endif
				f.k = size;
				f.old = !NORTHS(size)
#if RESTORE_N
			fi;
#endif
			if
			:: n != 0 ->
				f.n = n;
				f.c = log[AT(NORTHS(n), n)];
				f.old = !NORTHS(n);
				if	/* in a frame with an old entry no newer checkpoint */
				:: f.k != 0 && NORTHS(f.k) && f.old -> f.k = 0
				:: else
				fi;
#ifdef BREAK_SEND_ONCE
				sent = sent | BIT(n - 1)
#endif
			:: else
			fi;
			put(NORTH, air);
			n = 0; air = false
		}
	   }
	od
}

/* South answers: what it holds, its newest cosignature, single receipts
 * (RECEIPT §7). Restored, it says so until north has answered. */
active proctype south_answers() {
	bool air;
end:	do
	:: atomic { (owes[SOUTH] || greets || STRAYING) && (!up || cable[SOUTH].e == 0) ->
		if
		:: air = false
#if RADIO_S
		:: air = true
#endif
		fi;
		d_step {
			seal(SOUTH);
			f.g = (shut != 0); f.held = HELD; f.one = singles; f.cosigned = cosigned;
			f.shut = shut; f.life = life;
			singles = 0;
#if RESTORE_N
			if
			:: give != 0 -> f.n = give; f.c = store[AT(0, give)]; give = 0
			:: give == 0 && STRAYING -> f.n = STRAY; f.c = first[AT(0, f.n)]
			:: else
			fi;
#endif
			put(SOUTH, air);
			air = false
		}
	   }
	od
}

/* The cable gives each frame once, in order. */
active proctype cable_south() {
end:	do
	:: d_step { cable[NORTH].e != 0 -> copy(f, cable[NORTH]); wipe(cable[NORTH]); south_takes() }
	od
}

active proctype cable_north() {
end:	do
	:: d_step { cable[SOUTH].e != 0 -> copy(f, cable[SOUTH]); wipe(cable[SOUTH]); north_takes() }
	od
}

/* The radio gives what it has as often as it likes, or never. */
active proctype radio_south() {
end:	do
	:: d_step { radio[NORTH].e != 0 -> copy(f, radio[NORTH]); south_takes() }
	od
}

active proctype radio_north() {
end:	do
	:: d_step { radio[SOUTH].e != 0 -> copy(f, radio[SOUTH]); north_takes() }
	od
}

/* start begins from what is durable, with a new epoch and all that is volatile
 * forgotten (FLOW §3). */
inline start(me) {
	assert(epoch[me] < 7);
	epoch[me]++;
	proved[me] = false;
	heard[me] = 0;
	cannot[me] = 0;
	owes[me] = true
}

inline start_north() {
	start(NORTH);
	told = 0;
#ifdef BREAK_SEND_BEFORE_DURABLE
	if
	:: loose -> log[AT(gen, size)] = 0; size--; loose = false
	:: else
	fi
#endif
}

inline start_south() {
	start(SOUTH);
	singles = 0;
	give = 0;
#ifdef BREAK_DEDUPE_IN_MEMORY
	shown = 0;
#endif
#ifdef BREAK_RECEIPT_BEFORE_DURABLE
	i = 0;
	do
	:: i == G * N -> break
	:: else ->
		if
		:: IN(soft, i) -> store[i] = 0
		:: else
		fi;
		i++
	od;
	soft = 0
#endif
}

/* A restored station has no secrets for what is sent to it; it draws another
 * batch of prekeys (GENERATION §4). */
inline forget(you) {
	keeps[you] = 0;
	batch[you]++
}

#if RESTORE_N
/* North's old copy has the first b entries of its log, and some or none of
 * their receipts. It cannot know what it has signed since. */
inline restore_north(b) {
	j = b + 1;
	EACH(if
	:: log[AT(0, j)] != 0 && store[AT(0, j)] == 0 -> gone = gone | BIT(log[AT(0, j)])
	:: else
	fi;
	log[AT(0, j)] = 0;
	done = done & ~BIT(AT(0, j)));
	size = b;
#ifndef BREAK_WRITE_ON
	gen = 1;
#endif
#ifdef BREAK_END_AT_COPY
	ends = 1 + b;
#endif
	forget(SOUTH);
	start_north()
}
#endif

#if RESTORE_S
/* South's old copy has the first b entries. */
inline restore_south(b) {
	j = b + 1;
	EACH(shown = shown & ~BIT(store[AT(0, j)]);
	store[AT(0, j)] = 0);
	cosigned = (cosigned < b -> cosigned : b);
	seen = shown;
	life = 1;
	greets = true;
	forget(NORTH);
	start_south()
}
#endif

active proctype weather() {
	unsigned cuts : 2 = CUTS;
	unsigned crash_n : 2 = CRASH_N;
	unsigned crash_s : 2 = CRASH_S;
	unsigned lose_n : 2 = LOSE_N;
	unsigned lose_s : 2 = LOSE_S;
	unsigned restores : 1 = RESTORE_N + RESTORE_S;
end:	do
	:: d_step { up && cuts > 0 -> cuts--; up = false; wipe(cable[NORTH]); wipe(cable[SOUTH]) }
	:: d_step { !up -> up = true; owes[NORTH] = true; owes[SOUTH] = true }
	:: d_step { crash_n > 0 -> crash_n--; start_north() }
	:: d_step { crash_s > 0 -> crash_s--; start_south() }
	:: d_step { lose_n > 0 -> lose_n--; keeps[SOUTH] = 0; start_north() }
	:: d_step { lose_s > 0 -> lose_s--; keeps[NORTH] = 0; start_south() }
#if RESTORE_N
	:: d_step { restores > 0 -> restores = 0; restore_north(0) }
	:: d_step { restores > 0 && size > 0 -> restores = 0; restore_north(1) }
	:: d_step { restores > 0 && size > 1 -> restores = 0; restore_north(2) }
#endif
#if RESTORE_S
	:: d_step { restores > 0 -> restores = 0; restore_south(0) }
	:: d_step { restores > 0 && store[0] != 0 -> restores = 0; restore_south(1) }
#endif
#ifdef BREAK_RECEIPT_BEFORE_DURABLE
	:: d_step { soft != 0 -> soft = 0 }
#endif
	od
}

/* --- what is shown ----------------------------------------------------- */

/* Nothing acknowledged is lost: what is receipted, as north knows it, south
 * holds under that number, or has kept as a stray. Between a restore and the
 * moment when the other side hears of it that cannot be. */
#define LOST(n) (RECEIPTED(n) && (n) <= size && store[AT(NORTHS(n), n)] == 0 && !IN(strays, n))
#if N == 2
#define KEPT (life != peerlife || !(LOST(1) || LOST(2)))
#else
#define KEPT (life != peerlife || !(LOST(1) || LOST(2) || LOST(3)))
#endif

/* What south holds under a number is what north signed under it. */
#define SAME(i) (store[i] == 0 || store[i] == first[i])
#if N == 2
#define EQUAL0 (SAME(0) && SAME(1))
#define EQUAL1 (SAME(2) && SAME(3))
#else
#define EQUAL0 (SAME(0) && SAME(1) && SAME(2))
#define EQUAL1 (SAME(3) && SAME(4) && SAME(5))
#endif

#if RESTORE_N
#define EQUAL (EQUAL0 && EQUAL1)
/* Both know one end of the first generation. */
#define ENDED (ends == 0 || shut == 0 || ends == shut)
#else
#define EQUAL EQUAL0
#define ENDED true
#endif

active proctype monitor() {
end:	if
	:: !KEPT -> assert(KEPT)
	:: !EQUAL -> assert(EQUAL)
	:: !ENDED -> assert(ENDED)
	fi
}

/* Whatever can be delivered is delivered: every message that some disk still
 * had stands at south, was shown, and is receipted. */
#if RESTORE_N
#if N == 2
#define STORED(m) (store[0] == m || store[1] == m || store[2] == m || store[3] == m)
#else
#define STORED(m) (store[0] == m || store[1] == m || store[2] == m || store[3] == m || store[4] == m || store[5] == m)
#endif
#elif N == 2
#define STORED(m) (store[0] == m || store[1] == m)
#else
#define STORED(m) (store[0] == m || store[1] == m || store[2] == m)
#endif
#define THERE(m) (IN(gone, m) || (STORED(m) && IN(shown, m)))
#if N == 2
#define ALL (THERE(1) && THERE(2))
#else
#define ALL (THERE(1) && THERE(2) && THERE(3))
#endif
#define SETTLED (said == N && UNDONE == 0 && ALL && !CLOSING && !STRAYING && life == peerlife)

ltl delivered { <>[] SETTLED }
