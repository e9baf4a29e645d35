package generate

// Rand is a small source of choices from a seed (splitmix64, Steele, Lea and Flood
// 2014): equal seeds give equal stories, on every machine and in every version of Go.
type Rand struct {
	state uint64
	draw  func(n int) int // instead of the seed; nil for none
}

// NewRand makes a source from a seed.
func NewRand(seed uint64) *Rand { return &Rand{state: seed} }

// Drawn makes a source whose choices somebody else makes: draw gives a number from 0
// below n, which is at least 2. So the bytes of a fuzzer become a story.
func Drawn(draw func(n int) int) *Rand { return &Rand{draw: draw} }

// Next gives 64 bits.
func (r *Rand) Next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Below gives a number from 0 below n; 0 for n below 2.
func (r *Rand) Below(n int) int {
	if n < 2 {
		return 0
	}
	if r.draw != nil {
		return r.draw(n)
	}
	return int(r.Next() % uint64(n))
}

// one gives one of some things, the zero value of none.
func one[T any](r *Rand, list []T) (t T) {
	if len(list) == 0 {
		return t
	}
	return list[r.Below(len(list))]
}
