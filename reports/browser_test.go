package reports_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/armillary/armillary/reports"
)

// page is the report of one document, open in a real browser.
type page struct {
	ctx  context.Context
	file string

	mu       sync.Mutex
	requests []string // that went anywhere but to the file itself
	console  []string
}

// openPage writes the report and opens it; it skips where there is no Chromium.
func openPage(t *testing.T, d *reports.Document) *page {
	t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs the program chromium on the search path")
	}
	dir := t.TempDir()
	p := &page{file: filepath.Join(dir, "report.html")}
	f, err := os.Create(p.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := reports.HTML(f, d); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "armillary-browser")
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(profile))
	for _, flag := range []string{"disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		opts = append(opts, chromedp.Flag(flag, true))
	}
	allocated, free := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		cancel()
		free()
		for range 50 { // the children of the browser write for a moment longer
			if os.RemoveAll(profile) == nil {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	p.ctx = ctx
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	p.do(t, chromedp.Navigate("file://"+p.file))
	return p
}

func (p *page) hear(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(ev.Request.URL); err != nil || u.Path != p.file && u.Scheme != "data" {
			p.requests = append(p.requests, ev.Request.URL)
		}
	case *log.EventEntryAdded:
		p.console = append(p.console, ev.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		p.console = append(p.console, string(ev.Type))
	case *runtime.EventExceptionThrown:
		p.console = append(p.console, ev.ExceptionDetails.Text)
	}
}

func (p *page) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func evaluate[T any](t *testing.T, p *page, expression string) T {
	t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// dress sets colour scheme and medium.
func (p *page) dress(t *testing.T, medium, scheme string) {
	t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *page) shoot(t *testing.T, file string) {
	t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if len(png) < 10_000 {
		t.Errorf("screenshot %s has only %d bytes", filepath.Base(file), len(png))
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// openAll unfolds the page and waits until it has been laid out and drawn.
func (p *page) openAll(t *testing.T) {
	t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`new Promise(done => {
		document.querySelectorAll("details").forEach(d => d.open = true)
		fillAll(document).then(() => document.querySelectorAll("details").forEach(d => d.open = true)).then(() =>
		requestAnimationFrame(() => requestAnimationFrame(() => done(true))))
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
}

func TestReportInABrowser(t *testing.T) {
	p := openPage(t, reports.Build(sample(true)))
	shots := t.TempDir()
	for name, width := range map[string]int64{"phone": 390, "tablet": 820, "desktop": 1280} {
		p.do(t, chromedp.EmulateViewport(width, 844))
		for _, scheme := range []string{"light", "dark"} {
			p.dress(t, "screen", scheme)
			p.shoot(t, filepath.Join(shots, name+"-"+scheme+".png"))
		}
		p.openAll(t)
		p.fits(t, name, width)
		p.shoot(t, filepath.Join(shots, name+"-open.png"))
	}
	if box := evaluate[bool](t, p, `(() => { const d = document.querySelector(".diagram"); document.body.style.width = "390px"; return d.scrollWidth > d.clientWidth })()`); !box {
		t.Error("the diagram does not scroll inside its own box")
	}
	p.leads(t)
	p.quiet(t)
}

// fits demands that nothing reaches over the edge of an open page.
func (p *page) fits(t *testing.T, name string, width int64) {
	t.Helper()
	if wide := evaluate[int](t, p, `document.documentElement.scrollWidth`); wide > int(width) {
		t.Errorf("%s: page is %d wide, scrolls sideways", name, wide)
	}
	out := evaluate[[]string](t, p, `[...document.querySelectorAll("body *")].filter(e => !e.closest(".diagram, .wide") && !e.matches(".skip") && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.className + " " + e.textContent.slice(0, 40))`)
	if len(out) > 0 {
		t.Errorf("%s: elements reach over the edge: %.3000q", name, out)
	}
}

// leads demands that every link within the page leads somewhere.
func (p *page) leads(t *testing.T) {
	t.Helper()
	if links := evaluate[[]string](t, p, `[...document.querySelectorAll("a[href^='#']")].filter(a => !document.getElementById(decodeURIComponent(a.hash.slice(1)))).map(a => a.hash)`); len(links) > 0 {
		t.Errorf("links that lead nowhere: %q", links)
	}
}

func TestFrameworksInABrowser(t *testing.T) {
	p := openPage(t, reports.Build(framed(t, sample(true), ownWords)))
	for name, width := range map[string]int64{"phone": 390, "tablet": 820, "desktop": 1280} {
		p.do(t, chromedp.EmulateViewport(width, 844))
		p.openAll(t)
		p.fits(t, name, width)
	}
	p.leads(t)
	p.quiet(t)
}

func TestHostileNamesInABrowser(t *testing.T) {
	const bad = `</title></svg></style><script>alert(1)</script><img src="//evil.example/x" onerror=alert(1)>`
	p := openPage(t, reports.Build(framed(t, hostile(bad), bad)))
	p.openAll(t)
	if n := evaluate[int](t, p, `[...document.querySelectorAll("script, img, base, iframe, [onerror]")].filter(e => e.tagName !== "SCRIPT" || e !== document.body.lastElementChild && !/^pack-[0-9]+$/.test(e.id)).length`); n > 0 {
		t.Errorf("%d elements came from a name", n)
	}
	p.quiet(t)
}

// quiet demands that the page said nothing and asked nobody.
func (p *page) quiet(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.console) > 0 {
		t.Errorf("console: %s", strings.Join(p.console, "; "))
	}
	if len(p.requests) > 0 {
		t.Errorf("requests: %s", strings.Join(p.requests, "; "))
	}
}
