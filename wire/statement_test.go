package wire

import (
	"testing"

	"parley"
)

func TestStatementsRefuse(t *testing.T) {
	var all []refusal
	receipt := func(name string, want error, change func(*Receipt)) {
		v := sampleReceipt()
		change(&v)
		all = append(all, breaking(t, "receipt "+name, want, v, AppendReceipt, ParseReceipt, v))
	}
	receipt("of 0", ErrMalformed, func(r *Receipt) { r.Number = 0 })
	receipt("beyond", ErrLimit, func(r *Receipt) { r.Number = MaxNumber + 1 })
	receipt("of a size beyond", ErrLimit, func(r *Receipt) { r.Size = MaxNumber + 1 })
	receipt("of a time beyond", ErrLimit, func(r *Receipt) { r.Received = MaxTime + 1 })
	refuses := func(name string, want error, change func(*Refusal)) {
		v := sampleRefusal()
		change(&v)
		all = append(all, breaking(t, "refusal "+name, want, v, AppendRefusal, ParseRefusal, v))
	}
	refuses("of 0", ErrMalformed, func(r *Refusal) { r.Number = 0 })
	refuses("without a reason", ErrMalformed, func(r *Refusal) { r.Reason = 0 })
	refuses("of a time beyond", ErrLimit, func(r *Refusal) { r.Time = MaxTime + 1 })
	check := func(name string, want error, change func(*Check)) {
		v := sampleCheck()
		change(&v)
		all = append(all, breaking(t, "check "+name, want, v, AppendCheck, ParseCheck, v))
	}
	check("from nobody", ErrMalformed, func(c *Check) { c.From = "" })
	check("of no channel", ErrMalformed, func(c *Check) { c.Channel = "" })
	check("of a channel that is text", ErrMalformed, func(c *Check) { c.Channel = "the cable" })
	check("of a time beyond", ErrLimit, func(c *Check) { c.Time = MaxTime + 1 })
	opening := func(name string, want error, change func(*Opening)) {
		v := sampleOpening()
		change(&v)
		all = append(all, breaking(t, "opening "+name, want, v, AppendOpening, ParseOpening, v))
	}
	opening("from nobody", ErrMalformed, func(o *Opening) { o.From = "" })
	opening("to nobody", ErrMalformed, func(o *Opening) { o.To = "" })
	opening("to its sender", ErrMalformed, func(o *Opening) { o.To = o.From })
	opening("cut short", ErrMalformed, func(o *Opening) { o.Enc = o.Enc[1:] })
	prekeys := func(name string, want error, change func(*Prekeys)) {
		v := samplePrekeys()
		change(&v)
		all = append(all, breaking(t, "prekeys "+name, want, v, AppendPrekeys, ParsePrekeys, v))
	}
	prekeys("from nobody", ErrMalformed, func(p *Prekeys) { p.From = "" })
	prekeys("17", ErrLimit, func(p *Prekeys) {
		p.Keys = make([][]byte, 17)
		for i := range p.Keys {
			p.Keys[i] = make([]byte, PrekeySize)
		}
		p.LastResort = nil
	})
	prekeys("of another length", ErrMalformed, func(p *Prekeys) { p.Keys[1] = p.Keys[1][1:] })
	prekeys("without the last", ErrMalformed, func(p *Prekeys) { p.LastResort = nil })
	prekeys("of a time beyond", ErrLimit, func(p *Prekeys) { p.Time = MaxTime + 1 })
	closed := sampleClosed()
	closed.From = "North"
	all = append(all, breaking(t, "closed by nobody", ErrMalformed, closed, AppendClosed, ParseClosed, closed))
	closed = sampleClosed()
	closed.Time = MaxTime + 1
	all = append(all, breaking(t, "closed at a time beyond", ErrLimit, closed, AppendClosed, ParseClosed, closed))
	for n, want := range map[int]error{0: ErrMalformed, MaxUnknown + 1: ErrLimit} {
		u := Unknown{Epochs: make([]parley.EpochID, n)}
		all = append(all, breaking(t, "unknown epochs", want, u, AppendUnknown, ParseUnknown, u))
	}
	refuseAlike(t, all)
}

func TestReportRefuses(t *testing.T) {
	var all []refusal
	with := func(name string, want error, change func(*Report)) {
		v := sampleReport()
		change(&v)
		all = append(all, breaking(t, "report "+name, want, v, AppendReport, ParseReport, v))
	}
	with("beyond", ErrLimit, func(r *Report) { r.Size, r.Ahead = MaxNumber+1, nil })
	with("of refusals beyond", ErrLimit, func(r *Report) { r.Refusals = MaxNumber + 1 })
	with("of a cosignature beyond", ErrLimit, func(r *Report) { r.Cosigned = MaxNumber + 1 })
	with("of a wait beyond", ErrLimit, func(r *Report) { r.Wait = MaxWait + 1 })
	with("without a gap", ErrMalformed, func(r *Report) { r.Ahead[0].First = r.Size + 1 })
	with("from 0", ErrMalformed, func(r *Report) { r.Size, r.Ahead[0].First = 0, 0 })
	with("backwards", ErrMalformed, func(r *Report) { r.Ahead[1].Last = 19 })
	with("overlapping", ErrMalformed, func(r *Report) { r.Ahead[1].First = 18 })
	with("touching", ErrMalformed, func(r *Report) { r.Ahead[1].First = 19 })
	with("ahead beyond", ErrLimit, func(r *Report) { r.Ahead[1].Last = MaxNumber + 1 })
	with("of 65 ranges", ErrLimit, func(r *Report) {
		r.Ahead = nil
		for i := range uint64(65) {
			r.Ahead = append(r.Ahead, Range{First: 20 + 2*i, Last: 20 + 2*i})
		}
	})
	refuseAlike(t, all)
}
