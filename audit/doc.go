// Package audit says what a transcript file proves to someone who has the
// roster and nothing else: whose entries stand in it, that nothing between
// them was altered, dropped or moved, who released each, and what the other
// side has receipted or refused.
//
// It believes neither the exporter nor the file. It proves nothing about the
// roster itself (people compare its twelve words), about times, which are
// claims, or about what came after the checkpoints that stand in the file.
//
// Its spec is spec/TRANSCRIPT.md §7.
package audit
