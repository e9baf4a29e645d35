package generate

// Rand is a small source of choices from a seed (splitmix64, Steele, Lea and Flood
// 2014): equal seeds give equal stories, on every machine and in every version of Go.
type Rand struct{ state uint64 }

// NewRand makes a source from a seed.
func NewRand(seed uint64) *Rand { return &Rand{seed} }

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
	return int(r.Next() % uint64(n))
}

// one gives one of some things, the zero value of none.
func one[T any](r *Rand, list []T) (t T) {
	if len(list) == 0 {
		return t
	}
	return list[r.Below(len(list))]
}
