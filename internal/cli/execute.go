package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/sut"
)

// execute runs scenarios, as many at once as there are processors: a world is one
// goroutine and shares nothing. Results stand in the order of the plan. The
// error holds everything that went wrong, in that order. An interrupt does not wait
// for worlds under way: they hold nothing outside memory.
func (a *app) execute(c *choice, runs []planned, o harness.Options, factory sut.Factory) ([]*harness.Result, error) {
	results, errs := make([]*harness.Result, len(runs)), make([]error, len(runs))
	bar := a.progress("scenarios")
	defer bar.end()
	waiting := make(chan int, len(runs))
	for _, i := range longestFirst(runs) {
		waiting <- i
	}
	close(waiting)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(runs)) {
		workers.Go(func() {
			for i := range waiting {
				if a.ctx.Err() != nil {
					return
				}
				results[i], errs[i] = runOne(runs[i], o, factory)
				if errs[i] != nil && !c.own[runs[i].story.Header.ID] {
					// A story of ours that cannot be run is no mistake of the caller's.
					errs[i] = errors.New(errs[i].Error())
				}
				bar.step(len(runs))
			}
		})
	}
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }()
	select {
	case <-done:
	case <-a.ctx.Done():
	}
	if err := interrupted(a.ctx); err != nil {
		return nil, err
	}
	return results, errors.Join(errs...)
}

// longestFirst orders runs for the workers: one long story that begins last
// would keep one processor busy and the others idle.
func longestFirst(runs []planned) []int {
	order, cost := make([]int, len(runs)), make([]int, len(runs))
	for i, r := range runs {
		s := r.story
		order[i] = i
		for j := range s.Steps {
			n, err := strconv.Atoi(s.Steps[j].Get("count"))
			if err != nil {
				n = 1
			}
			cost[i] += s.Steps[j].Times() * n
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cost[b], cost[a]) })
	return order
}

// runOne makes one run. A panic in it is the harness's own failure and names the
// scenario, because the trace on the screen would not.
func runOne(p planned, o harness.Options, factory sut.Factory) (r *harness.Result, err error) {
	s := p.story
	o.Profile = p.profile
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("run %s: panic: %v\n%s", s.Header.ID, p, debug.Stack())
		}
	}()
	if r, err = harness.Run(s, factory, o); err != nil {
		return nil, fmt.Errorf("run %s: %w", s.Header.ID, err)
	}
	return r, nil
}

// progressAfter is how long something takes before its progress is shown.
const progressAfter = 2 * time.Second

// progress is one line that is drawn over again, on a terminal only.
type progress struct {
	mu    sync.Mutex
	w     io.Writer // nil: show nothing
	now   func() time.Time
	start time.Time
	what  string
	done  int
	drawn bool
}

// progress starts counting.
func (a *app) progress(what string) *progress {
	p := &progress{now: a.Now, start: a.Now(), what: what}
	if _, ok := a.terminal(a.Stderr); ok {
		p.w = a.Stderr
	}
	return p
}

// step counts one more of total.
func (p *progress) step(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.draw(p.done, total)
}

// set tells how many of total are done.
func (p *progress) set(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = max(p.done, done)
	p.draw(p.done, total)
}

func (p *progress) draw(done, total int) {
	if p.w == nil || total == 0 || p.now().Sub(p.start) < progressAfter {
		return
	}
	const width = 30
	full := done * width / total
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %d of %d %s", strings.Repeat("#", full), strings.Repeat(".", width-full), done, total, p.what)
	p.drawn = true
}

// end takes the line away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.w = nil
}
