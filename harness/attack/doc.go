// Package attack is the attacker: what he knows and holds, and a writer of his
// own that validates nothing.
//
// He is Dolev-Yao's: every link is his, and he can do with bytes what anybody
// could who knows what he knows, no more. It builds messages itself and never
// imports the code it attacks. Start with [Knowledge], [Forge] and [Mutate].
package attack
