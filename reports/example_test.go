package reports_test

import (
	"os"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

// A run in which one guarantee of one property was attacked and held.
func Example() {
	d := reports.Build(reports.Input{
		Run: reports.RunInfo{SUT: "reference", Seed: 1},
		Catalogue: []reports.GuaranteeInfo{
			{ID: "update.never-goes-back", Property: "renewable-security", Title: "No release runs after a newer one."},
		},
		Scenarios: []verdict.Scenario{{ID: "update/rollback", Profile: "mt3620", Status: verdict.Pass, Digest: "5b1c", Steps: 9}},
		Verdicts: []verdict.Verdict{{
			Scenario: "update/rollback", Profile: "mt3620", Guarantee: "update.never-goes-back",
			Property: "renewable-security", Status: verdict.Pass, Code: verdict.Shown,
		}},
	})
	if err := reports.JSON(os.Stdout, &reports.Document{
		Run: d.Run, Profiles: d.Profiles, Properties: d.Properties[6:], Guarantees: d.Guarantees, Scenarios: d.Scenarios,
	}); err != nil {
		panic(err)
	}
	// Output:
	// {
	//   "schema": 1,
	//   "seed": 1,
	//   "sut": "reference",
	//   "profiles": [
	//     "mt3620"
	//   ],
	//   "properties": [
	//     {
	//       "id": "renewable-security",
	//       "name": "Renewable security",
	//       "verdict": "pass",
	//       "guarantees": {
	//         "pass": 1,
	//         "fail": 0,
	//         "inconclusive": 0,
	//         "not-exercised": 0
	//       }
	//     }
	//   ],
	//   "guarantees": [
	//     {
	//       "id": "update.never-goes-back",
	//       "property": "renewable-security",
	//       "verdict": "pass",
	//       "scenarios": [
	//         "update/rollback"
	//       ]
	//     }
	//   ],
	//   "scenarios": [
	//     {
	//       "id": "update/rollback",
	//       "profile": "mt3620",
	//       "verdict": "pass",
	//       "digest": "5b1c",
	//       "steps": 9
	//     }
	//   ]
	// }
}
