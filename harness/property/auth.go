package property

import (
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// sessionBelongsToTheProvenUser reads
//
//	ProofGiven     Who = principal, What = user, Is = code for the second factor, State = true|false
//	SecretMade     Who = user, What = USER.authenticator...: from now on he has a second factor
//	SessionOpened  What = user, Peer = who truly holds it
var sessionBelongsToTheProvenUser = Guarantee{
	ID: "auth.session-belongs-to-the-proven-user", Property: certificateProperty,
	Title:   "A session for a user is held only by someone who proved to be that user, by both factors where he has two.",
	Cites:   "LG HomeHack, Check Point 2017 (CAM-01); Wyze login bypass (CAM-07); Ring credential stuffing (CAM-09); Dahua CVE-2021-33044 (CAM-14); CWE-287; CWE-308",
	Premise: []trace.Kind{trace.SessionOpened, trace.ProofGiven},
	Facts:   []trace.Kind{trace.SessionOpened},
	Context: []trace.Kind{trace.SecretMade},
	Roles:   []string{"accounts", "camera", "relay", "links"},
	oracle:  oracle{judge: judgeSessions},
}

func judgeSessions(v *view) {
	type claim struct {
		who, user string
		code      bool // the second factor
	}
	proven := make(map[claim]bool)
	wrong := make(map[claim]*trace.Event)
	second := make(map[string]bool) // users who have one
	for e := range v.events() {
		switch e.Kind {
		case trace.SecretMade:
			second[e.Who] = second[e.Who] || strings.HasPrefix(e.What, e.Who+".authenticator")
		case trace.ProofGiven:
			id := claim{e.Who, e.What, e.Is == "code"}
			if e.State == "true" {
				proven[id] = true
			} else {
				wrong[id] = e
			}
		case trace.SessionOpened:
			first, code := claim{e.Peer, e.What, false}, claim{e.Peer, e.What, true}
			switch {
			case !proven[first]:
				v.fail(shown(wrong[first], e), "%s holds a session for %s without having proved to be %s", orUnknown(e.Peer), e.What, e.What)
			case second[e.What] && !proven[code]:
				v.fail(shown(wrong[code], e), "%s holds a session for %s without having shown the second factor of %s", orUnknown(e.Peer), e.What, e.What)
			}
		}
	}
}

// keyHolders follows who can use which private key. It reads KeyMade,
// AttackerLearnt and AttackerWields.
type keyHolders struct {
	maker map[string]*trace.Event    // label -> KeyMade
	holds map[string]map[string]bool // principal -> labels learnt or wielded
}

func newKeyHolders() *keyHolders {
	return &keyHolders{maker: map[string]*trace.Event{}, holds: map[string]map[string]bool{}}
}

// see takes one event in.
func (k *keyHolders) see(e *trace.Event) {
	hold := func(label string) {
		if k.holds[e.Who] == nil {
			k.holds[e.Who] = make(map[string]bool)
		}
		k.holds[e.Who][label] = true
	}
	switch e.Kind {
	case trace.KeyMade:
		k.maker[e.What] = e
	case trace.AttackerLearnt:
		for _, l := range e.Labels {
			hold(l)
		}
	case trace.AttackerWields:
		hold(e.What)
	}
}

// speaksFor tells whether a principal holds a private key that name, or a part of
// it, made.
func (k *keyHolders) speaksFor(principal, name string) bool {
	for label := range k.holds[principal] {
		if m := k.maker[label]; m != nil && within(m.Who, name) {
			return true
		}
	}
	return false
}

// identityNeedsItsKey reads
//
//	KeyMade                         Who, What = label
//	AttackerLearnt, AttackerWields  Who, Labels or What
//	IdentityAccepted                Who = server, What = name it took its peer for, Peer = who it truly is
//
// Who holds a stolen key has the identity: that theft is another guarantee's.
var identityNeedsItsKey = Guarantee{
	ID: "auth.identity-needs-its-key", Property: certificateProperty,
	Title:   "A server takes a peer for somebody only when the peer holds that somebody's private key.",
	Cites:   "Teltonika RMS serial numbers (PKI-03); Kalay UID (CAM-10); Ruijie (PKI-08); Azure Sphere PWL-1",
	Premise: []trace.Kind{trace.IdentityAccepted},
	Facts:   []trace.Kind{trace.KeyMade},
	Context: []trace.Kind{trace.AttackerLearnt, trace.AttackerWields},
	Roles:   []string{"ca", "broker", "relay", "links", "registry", "collector", "cloud", "attester", "verifier"},
	oracle:  oracle{judge: judgeIdentity},
}

func judgeIdentity(v *view) {
	k := newKeyHolders()
	for e := range v.events() {
		k.see(e)
		if e.Kind == trace.IdentityAccepted && !within(e.Peer, e.What) && !k.speaksFor(e.Peer, e.What) {
			v.fail(shown(e), "%s took %s for %s, whose key it does not hold", e.Who, orUnknown(e.Peer), e.What)
		}
	}
}

// certificateNamesOnlyItsHolder reads
//
//	KeyMade                         Who, What = label, Digest = public half
//	AttackerLearnt, AttackerWields  Who, Labels or What
//	CertificateIssued               What = subject, Digest = public key, Peer = who truly received it
var certificateNamesOnlyItsHolder = Guarantee{
	ID: "auth.certificate-names-only-its-holder", Property: certificateProperty,
	Title:   "A certificate names only the one who asked for it, over a key of its own.",
	Cites:   "Ewon/Talk2M certificate request (PKI-01); RFC 2986 section 3 proof of possession",
	Premise: []trace.Kind{trace.CertificateIssued},
	Facts:   []trace.Kind{trace.KeyMade},
	Context: []trace.Kind{trace.AttackerLearnt, trace.AttackerWields},
	Roles:   []string{"ca", "registry", "links", "attester", "broker"},
	oracle:  oracle{judge: judgeCertificates},
}

func judgeCertificates(v *view) {
	k := newKeyHolders()
	byPublic := make(map[string]*trace.Event)
	for e := range v.events() {
		k.see(e)
		switch e.Kind {
		case trace.KeyMade:
			byPublic[e.Digest] = e
		case trace.CertificateIssued:
			maker := byPublic[e.Digest]
			switch {
			case !within(e.Peer, e.What) && !k.speaksFor(e.Peer, e.What):
				v.fail(shown(e), "a certificate that names %s was issued to %s", e.What, orUnknown(e.Peer))
			case maker != nil && !within(maker.Who, e.What) && maker.Who != e.Peer:
				v.fail(shown(maker, e), "a certificate that names %s was issued over a key of %s", e.What, maker.Who)
			}
		}
	}
}

// secretsGoOnlyToProvenPeers reads
//
//	KeyMade     Who = server or its component, Digest = public half
//	PeerProven  Who = client, Peer = server it took the other side for, Digest = public key shown
var secretsGoOnlyToProvenPeers = Guarantee{
	ID: "auth.secrets-go-only-to-proven-peers", Property: certificateProperty,
	Title:   "A client takes only the holder of a server's own key for that server, before it says anything secret.",
	Cites:   "certificate validation switched off (PKI-09); Medtronic 2090 (UPD-39); Azure Sphere PWL-2",
	Premise: []trace.Kind{trace.PeerProven},
	Facts:   []trace.Kind{trace.KeyMade},
	Roles:   []string{"links", "ca", "cloud", "updater", "accounts", "relay"},
	oracle:  oracle{judge: judgePeers},
}

func judgePeers(v *view) {
	byPublic := make(map[string]*trace.Event)
	for e := range v.events() {
		switch e.Kind {
		case trace.KeyMade:
			byPublic[e.Digest] = e
		case trace.PeerProven:
			switch m := byPublic[e.Digest]; {
			case m == nil:
				v.fail(shown(e), "%s took for %s a peer with a key that nobody honest made", e.Who, e.Peer)
			case !within(m.Who, e.Peer):
				v.fail(shown(m, e), "%s took %s for %s", e.Who, m.Who, e.Peer)
			}
		}
	}
}

// guesses is how many wrong proofs may be judged for one user, from one peer,
// within guessWindow.
const (
	guesses     = 10
	guessWindow = time.Hour
)

// guessingStaysBounded reads
//
//	ProofJudged  What = user, Peer = from whom, State = accepted|refused, Number = how often (0 once)
//
// Only proofs found wrong are guesses; one refused unread, for its rate, is not
// judged at all.
var guessingStaysBounded = Guarantee{
	ID: "auth.guessing-stays-bounded", Property: certificateProperty,
	Title:   "Nobody can try more than ten wrong proofs for one user within an hour.",
	Cites:   "Ring credential stuffing (CAM-09); Mirai (BOT-01); NIST SP 800-63B 5.2.2; ETSI EN 303 645 5.1-5",
	Premise: []trace.Kind{trace.ProofJudged},
	Roles:   []string{"accounts", "camera", "broker", "relay"},
	oracle:  oracle{judge: judgeGuessing},
}

func judgeGuessing(v *view) {
	type pair struct{ user, peer string }
	wrong := make(map[pair][]*trace.Event) // within the last hour
	for e := range v.events() {
		if e.State != "refused" {
			continue
		}
		id := pair{e.What, e.Peer}
		list := append(wrong[id], e)
		for e.At-list[0].At > guessWindow {
			list = list[1:]
		}
		total := int64(0)
		for _, w := range list {
			total += max(w.Number, 1)
		}
		if total > guesses {
			v.fail(shown(list[0], e), "%s had %d wrong proofs for %s judged within an hour", orUnknown(e.Peer), total, e.What)
			list = nil
		}
		wrong[id] = list
	}
}

// claimNeedsPossessionAndRelease reads
//
//	OwnerChanged  Who = device, What = new owner or "", Peer = who truly asked, State = with-possession|without-possession, Is = service in the books of the product's service
//	GrantMade, GrantEnded  owner rights; one that ends with its OwnerChanged, in the same step, is told by either
var claimNeedsPossessionAndRelease = Guarantee{
	ID: "owner.claim-needs-possession-and-release", Property: certificateProperty,
	Title:   "A device gets a new owner only by who holds it in hand, and only after its owner let it go.",
	Cites:   "Snap One OvrC claim (PKI-02); Swann serial swap (CAM-05); Teltonika RMS (PKI-03)",
	Premise: []trace.Kind{trace.OwnerChanged},
	Context: []trace.Kind{trace.GrantMade, trace.GrantEnded},
	Roles:   []string{"registry", "factory", "accounts", "relay", "links"},
	oracle:  oracle{judge: judgeClaims},
}

func judgeClaims(v *view) {
	rights := newEntitlements()
	letGo := make(map[string]*trace.Event) // device -> end of an owner's right
	for e := range v.events() {
		if e.Kind == trace.GrantEnded && e.Is == "owner" && rights.ownerOf(e.What) == e.Peer {
			letGo[e.What] = e
		}
		if e.Kind == trace.OwnerChanged {
			before := rights.ownerOf(e.Who)
			o := rights.owner[e.Who]
			if g := letGo[e.Who]; g != nil && e.What == "" && before == "" && g.Step == e.Step && g.At == e.At {
				o, before = g, g.Peer
			}
			switch {
			case e.What == "" && before != "" && e.Peer != "" && e.Peer != before:
				v.fail(shown(o, e), "%s, owned by %s, was let go by %s", e.Who, before, e.Peer)
			case e.What == "" || e.What == before:
			case before != "":
				v.fail(shown(o, e), "%s went to %s while it belonged to %s", e.Who, e.What, before)
			case e.State == "without-possession":
				v.fail(shown(e), "%s was claimed by %s, who did not hold it", e.Who, e.What)
			}
		}
		rights.see(e)
	}
}
