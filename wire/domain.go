package wire

// Domain separates what a key's signatures can mean: it is the external_aad of
// every COSE structure, so a signature given in one domain is worthless in
// another. A role signs only in the domains listed for it (spec/ROSTER.md §4).
type Domain string

// The domains, with the role whose keys sign in them.
const (
	DomainContent Domain = "parley/v1/content" // officer
	DomainConsent Domain = "parley/v1/consent" // officer, to the own station
	DomainOpening Domain = "parley/v1/opening" // station
	DomainPrekeys Domain = "parley/v1/prekeys" // station
	DomainCheck   Domain = "parley/v1/check"   // station
	DomainRefusal Domain = "parley/v1/refusal" // station
	DomainClosed  Domain = "parley/v1/closed"  // station
	DomainReceipt Domain = "parley/v1/receipt" // receipt
	DomainRenewal Domain = "parley/v1/renewal" // log
	DomainClosing Domain = "parley/v1/closing" // receipt
	DomainCard    Domain = "parley/v1/card"    // root
)
