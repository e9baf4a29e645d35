package strict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/reports/strict"
)

// page is a small file with a reader for each kind of value.
type page struct {
	name  string
	tags  []string
	day   time.Time
	count int
	ages  map[string]int
}

func read(text string) (*page, error) {
	r, p := strict.New("page.yaml"), &page{ages: map[string]int{}}
	r.Keys(r.Root([]byte(text)), "a page", map[string]func(*strict.Node){
		"schema*": r.Schema, "name*": r.Text(&p.name), "tags": r.Texts(&p.tags), "day": r.Day(&p.day), "count": r.Number(&p.count, 9),
		"ages": r.Each(func(k, v *strict.Node) {
			var n int
			r.Number(&n, 200)(v)
			p.ages[k.Value] = n
		}),
	})
	return p, r.Err()
}

func TestReader(t *testing.T) {
	p, err := read("schema: 1\nname: one\ntags: [a, b]\nday: 2027-01-31\ncount: 3\nages: {alice: 40}\n")
	if err != nil || p.name != "one" || len(p.tags) != 2 || p.day.Day() != 31 || p.count != 3 || p.ages["alice"] != 40 {
		t.Errorf("%+v, %v", p, err)
	}
	tests := []struct{ name, text, want string }{
		{"nothing", "", "page.yaml:1:1: the file is empty"},
		{"a list", "- a\n", "page.yaml:1:1: the file is no mapping"},
		{"no YAML", "schema: 1\nname: [\n", "no YAML"},
		{"a slip", "schema: 1\nnmae: one\n", `page.yaml:2:1: unknown key "nmae" (did you mean "name"?)`},
		{"a strange key", "schema: 1\nname: one\nzzzzzzzz: 1\n", `page.yaml:3:1: unknown key "zzzzzzzz" (a page has ages, count, day, name, schema, tags)`},
		{"a key twice", "schema: 1\nname: one\nname: two\n", `page.yaml:3:1: `},
		{"a missing key", "schema: 1\n", `page.yaml:1:1: a page has no "name"`},
		{"another schema", "schema: 2\nname: one\n", "page.yaml:1:9: schema must be 1"},
		{"a mapping for a text", "schema: 1\nname: {a: b}\n", "page.yaml:2:7: a text is wanted here"},
		{"an empty text", "schema: 1\nname: ''\n", "page.yaml:2:7: an empty text"},
		{"something invisible", "schema: 1\nname: \"a\\u202eb\"\n", "page.yaml:2:7: a control or invisible character"},
		{"a long text", "schema: 1\nname: " + strings.Repeat("x", 3000) + "\n", "page.yaml:2:7: a text of 3000 bytes"},
		{"a tag twice", "schema: 1\nname: a\ntags: [x, x]\n", `page.yaml:3:11: "x" twice`},
		{"no day", "schema: 1\nname: a\nday: 31.1.2027\n", "page.yaml:3:6: a day such as"},
		{"no number", "schema: 1\nname: a\ncount: 10\n", "page.yaml:3:8: a whole number from 0 to 9"},
		{"no mapping", "schema: 1\nname: a\nages: [1]\n", "page.yaml:3:7: a mapping is wanted here"},
		{"aliases of aliases", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nname: *b\n", "page.yaml:"},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			if _, err := read(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMistakesComeInTheOrderOfTheFile(t *testing.T) {
	_, err := read("count: many\nname: ''\n")
	want := `page.yaml:1:1: a page has no "schema"`
	if err == nil || !strings.HasPrefix(err.Error(), "page.yaml:1:") || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "an empty text") {
		t.Errorf("got %v", err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add("schema: 1\nname: one\ntags: [a, b]\nday: 2027-01-31\nages: {alice: 40}\n")
	f.Add("a: &a [*a]\n? {}\n: - x\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := read(text); err != nil && !strings.HasPrefix(err.Error(), "page.yaml:") {
			t.Errorf("a mistake without a place: %v", err)
		}
	})
}
