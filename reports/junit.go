package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

// The parts of JUnit's XML, in the reading of the Ant schema (windyroad/JUnit-Schema).
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		ID         int             `xml:"id,attr"`
		Package    string          `xml:"package,attr"`
		Name       string          `xml:"name,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Host       string          `xml:"hostname,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Out        string          `xml:"system-out"`
		Err        string          `xml:"system-err"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *junitOutcome `xml:"skipped"`
		Error   *junitOutcome `xml:"error"`
		Failure *junitOutcome `xml:"failure"`
	}
	junitOutcome struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes one test suite a run of a scenario, whose cases are the guarantees
// that it judged and the steps as marked, and one a framework, whose cases are its
// controls. What was not exercised or not demonstrated is skipped, never passed. The
// error is that of w.
func JUnit(w io.Writer, d *Document) error {
	all := junitSuites{}
	add := func(s junitSuite) {
		s.ID = len(all.Suites)
		s.Timestamp = d.Run.Started.UTC().Format("2006-01-02T15:04:05")
		s.Host, s.Time = or(token(d.Run.Host), "localhost"), "0"
		if len(all.Suites) == 0 {
			s.Time = fmt.Sprintf("%.3f", d.Run.Duration.Seconds()) // of the whole run: single ones are not measured
		}
		s.Tests = len(s.Cases)
		for _, c := range s.Cases {
			switch {
			case c.Failure != nil:
				s.Failures++
			case c.Error != nil:
				s.Errors++
			case c.Skipped != nil:
				s.Skipped++
			}
		}
		all.Suites = append(all.Suites, s)
	}
	for _, s := range d.Scenarios {
		add(junitScenario(d, s))
	}
	for _, f := range d.Frameworks {
		add(junitFramework(f))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// token writes a text as XML's token: no blanks at the ends, none twice.
func token(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

func junitScenario(d *Document, s Scenario) junitSuite {
	topic, _, _ := strings.Cut(s.ID, "/")
	suite := junitSuite{Package: or(token(topic), "none"), Name: or(token(s.Label), "unnamed"), Properties: []junitProperty{
		{"profile", clean(s.Profile)}, {"seed", fmt.Sprint(d.Run.Seed)}, {"digest", clean(s.Digest)}, {"trace", clean(s.File)},
	}, Out: clean(s.Title)}
	for _, w := range waiversOf(d, s.ID) {
		suite.Properties = append(suite.Properties, junitProperty{"waived", waiverWords(&w)})
	}
	for _, j := range s.Judged {
		c := junitCase{Name: or(token(j.Guarantee), "unnamed"), Class: or(token(j.Property), "none"), Time: "0"}
		text := or(clean(j.Reason), codeWords(j.Code))
		var lines []string
		for _, l := range j.Lines {
			lines = append(lines, fmt.Sprintf("#%d %s: %s", l.Seq, l.At, l.Text))
		}
		o := &junitOutcome{Message: text, Type: string(j.Code), Text: strings.Join(lines, "\n")}
		switch {
		case !j.Counts(): // a planted or stated loss: the story means it, it counts for nobody
			c.Skipped = &junitOutcome{Message: or(codeWords(j.Code), text)}
		case j.Status == verdict.Fail:
			c.Failure = o
		case j.Status == verdict.Inconclusive:
			c.Error = o
		case j.Status == verdict.NotExercised:
			c.Skipped = &junitOutcome{Message: "not exercised: " + text}
		}
		suite.Cases = append(suite.Cases, c)
	}
	story := junitCase{Name: "the story as a whole", Class: "scenario", Time: "0"}
	if s.Verdict != verdict.Pass {
		var notes []string
		for _, n := range s.Notes {
			notes = append(notes, clean(n))
		}
		story.Failure = &junitOutcome{Message: or(strings.Join(notes, "; "), "it did not pass"), Type: string(s.Verdict)}
	}
	suite.Cases = append(suite.Cases, story)
	return suite
}

func junitFramework(f *control.Assessment) junitSuite {
	suite := junitSuite{Package: "frameworks", Name: or(token(f.ID), "unnamed"), Properties: []junitProperty{
		{"name", clean(f.Name)}, {"version", clean(f.Version)}, {"notice", clean(f.Notice)},
	}}
	for _, x := range f.Findings {
		c := junitCase{Name: token(x.ID + " " + x.Title), Class: token(f.ID), Time: "0"}
		reason := clean(x.Reason)
		if declared := declaredWords(x.Declared); declared != "" {
			reason += when(reason != "", "; ") + declared
		}
		switch x.Status {
		case control.NotSatisfied:
			c.Failure = &junitOutcome{Message: reason, Type: string(x.Why)}
		case control.Partial, control.NotDemonstrated:
			c.Skipped = &junitOutcome{Message: controlWord(x.Status) + ": " + reason}
		}
		suite.Cases = append(suite.Cases, c)
	}
	return suite
}
