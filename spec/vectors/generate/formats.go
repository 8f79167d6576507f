package main

// formats are all folders of vectors.
func formats() []format {
	return []format{
		{"content", contentVectors()},
		{"entry", entryVectors()},
		{"receipt", receiptVectors()},
		{"refusal", refusalVectors()},
		{"closed", closedVectors()},
		{"check", checkVectors()},
		{"prekeys", prekeysVectors()},
		{"report", reportVectors()},
		{"unknown", unknownVectors()},
		{"opening", openingVectors()},
		{"padding", padVectors()},
		{"bundle", bundleVectors()},
		{"frame", frameVectors()},
		{"released", releasedVectors()},
		{"narrow", narrowVectors()},
		{"checkpoint", checkpointVectors()},
		{"cosigned", cosignedVectors()},
		{"inclusion", inclusionVectors()},
		{"consistency", consistencyVectors()},
		{"fork", forkVectors()},
		{"header", headerVectors()},
		{"card", cardVectors()},
		{"invite", inviteVectors()},
		{"accept", acceptVectors()},
		{"roster", rosterVectors()},
		{"deniable", deniableVectors()},
		{"change", changeVectors()},
		{"changed", changedVectors()},
		{"transcript", transcriptVectors()},
		{"pouch", pouchVectors()},
	}
}
