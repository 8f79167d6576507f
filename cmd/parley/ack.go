package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"parley"
	"parley/internal/api"
)

func (m *Main) ack() *cobra.Command {
	var note, by, from, language string
	c := &cobra.Command{
		Use:   "ack MESSAGE ANSWER",
		Short: "Answer a message as a person",
		Long: `Answers a message of the other side. The answer is itself a message, signed by an
officer, to the desk that spoke and with the same precedence. ANSWER is one of

  read        a person has read it
  accepted    this desk takes it on; it says nothing about agreeing with the text
  passed-on   it was given to those who must decide
  answered    an answer was sent
  hold        please wait: we are working on it
  decline     this desk will not answer it
  reply-by    an answer will come by the time given with --by

The machine's receipt is given without anybody, and is none of these.`,
		Example: examples(
			"parley ack south/17 read",
			`parley ack south/17 accepted --note "The duty officer is calling the vessel."`,
			"parley ack south/17 reply-by --by 2026-11-28T12:00Z"),
		Args: takes(2, 2),
	}
	c.Flags().StringVar(&note, "note", "", "a text that goes with the answer")
	c.Flags().StringVar(&by, "by", "", "for reply-by: a time (2026-11-28T12:00Z) or a span from now (2h)")
	c.Flags().StringVar(&from, "from", "", "the desk that answers; may be left out when the officer has one")
	c.Flags().StringVar(&language, "language", "", "the language of the note (default: the party's)")
	approve := m.approver(c.Flags())
	return m.onMessage(c, func(ctx context.Context, s *speaker, args []string) error {
		answer, err := parley.ParseAnswer(args[1])
		if err != nil {
			return usageError{err}
		}
		if (answer == parley.ReplyBy) != (by != "") {
			return usageError{errors.New("--by goes with reply-by, and only with it: by when will the answer come?")}
		}
		who, err := approve.who(s)
		if err != nil {
			return err
		}
		v, err := s.named(ctx, args[0])
		if err != nil {
			return err
		}
		req, err := s.reply(v, answer, note)
		if err != nil {
			return err
		}
		if by != "" {
			at, err := m.parseTime(by)
			if err != nil {
				return fmt.Errorf("--by: %w", err)
			}
			req.By = uint64(parley.TimeOf(at))
		}
		if language != "" {
			req.Language = language
		}
		if req.From, err = s.desk(from, who); err != nil {
			return err
		}
		return m.sendNow(ctx, s, req, approve, who)
	})
}

// reply is an acknowledgement of v, to the desk that spoke.
func (s *speaker) reply(v api.Message, answer parley.Answer, note string) (api.DraftRequest, error) {
	switch {
	case v.Mine:
		return api.DraftRequest{}, usageError{fmt.Errorf("%s is this side's own message: the other side answers it", v.Name)}
	case !v.Believed:
		return api.DraftRequest{}, hinted{
			fmt.Errorf("%s is not believed (%s), so there is nothing to answer", v.Name, v.Refusal),
			"the station has refused it already; write to the other side with parley send",
		}
	}
	return api.DraftRequest{
		To: []string{v.From}, Precedence: v.Precedence, Exercise: v.Status == parley.Exercise.String(),
		References: []string{v.Name}, Language: s.home.Config().Language, Body: note, Answer: answer.String(),
	}, nil
}
