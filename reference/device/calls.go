package device

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Bits are what a process may ask the secure world for: the AZURE_SPHERE_CAP bits
// of its credential (azure-sphere 4.3).
type Bits uint32

// The bits. Syslog is none of them but Linux's CAP_SYSLOG; it stands here so that
// one table says all.
const (
	UpdateImage           Bits = 1 << 0
	QueryImageInfo        Bits = 1 << 1
	UpdateSecurityState   Bits = 1 << 2
	SecureFiles           Bits = 1 << 4 // SFS
	AttestationRuntime    Bits = 1 << 5
	Postcode              Bits = 1 << 6
	PeripheralPinMapping  Bits = 1 << 7
	RecordTelemetry       Bits = 1 << 8
	ManageLogAndTelemetry Bits = 1 << 9
	Syslog                Bits = 1 << 31
	AllBits               Bits = ^Bits(0)
)

// call is a secure-world call: its name, the bit that its caller must have, and
// what it does.
type call struct {
	name  string
	needs Bits
	do    func(d *Device, p Probe) ([]byte, error)
}

// calls is the closed list of secure-world calls (azure-sphere 4.3). The names and
// bits are the real ones, the numbers are ours.
var calls = map[int]call{
	1:  {"GetApplicationImageCount", QueryImageInfo, (*Device).countImages},
	2:  {"OpenImageForStaging", UpdateImage, (*Device).openStaging},
	3:  {"CommitImageStaging", UpdateImage, (*Device).commitStaging},
	4:  {"InstallStagedImages", UpdateImage, (*Device).installStaged},
	5:  {"InvalidateImage", UpdateImage, (*Device).invalidateImage},
	6:  {"PeripheralAcquire", PeripheralPinMapping, (*Device).acquirePeripheral},
	7:  {"GetTelemetry", ManageLogAndTelemetry, (*Device).telemetry},
	8:  {"WriteBlockToStageImage", UpdateImage, (*Device).writeBlock},
	9:  {"AbortImageStaging", UpdateImage, (*Device).abortStaging},
	10: {"GetComponentCount", UpdateImage, (*Device).countImages},
	11: {"GetComponentSummary", UpdateImage, (*Device).listImages},
	12: {"StageComponentManifests", UpdateImage, (*Device).stageComponentManifests},
	13: {"StageBaseManifests", UpdateImage, (*Device).stageBaseManifests},
	14: {"GetCountOfMissingImagesToDownload", UpdateImage, (*Device).countMissing},
	15: {"GetCountOfMissingBaseImagesToDownload", UpdateImage, (*Device).countMissingBase},
	16: {"GetMissingImagesToDownload", UpdateImage, (*Device).listMissing},
	17: {"GetMissingBaseImagesToDownload", UpdateImage, (*Device).listMissingBase},
	18: {"GetSoftwareRollbackInfo", UpdateImage, (*Device).rollbackInfo},
	19: {"ListAllApplicationImages", QueryImageInfo, (*Device).listImages},
	20: {"GetComponentImages", QueryImageInfo, (*Device).listImages},
	21: {"GetABITypeCount", QueryImageInfo, (*Device).countABIs},
	22: {"GetABIVersions", QueryImageInfo, (*Device).listABIs},
	23: {"GetUpdateCertStoreImageInfo", QueryImageInfo, (*Device).certStoreInfo},
	24: {"FindImageGivenComponentId", QueryImageInfo, (*Device).findImage},
	25: {"StartRtCoreByComponentId", PeripheralPinMapping, (*Device).startCore},
	26: {"StopRtCore", PeripheralPinMapping, (*Device).stopCore},
	27: {"SetRtCoreCommunicationBuffer", PeripheralPinMapping, (*Device).setCoreBuffer},
	28: {"PeripheralRelease", PeripheralPinMapping, (*Device).releasePeripheral},
	29: {"PeripheralGetAvailableDomains", PeripheralPinMapping, (*Device).listPeripherals},
	30: {"PeripheralLockConfig", PeripheralPinMapping, (*Device).lockConfig},
	31: {"GetLogDataSize", ManageLogAndTelemetry, (*Device).logSize},
	32: {"GetLogData", ManageLogAndTelemetry, (*Device).logData},
	33: {"GetTelemetryStartTime", ManageLogAndTelemetry, (*Device).telemetryStart},
	34: {"ResetTelemetry", ManageLogAndTelemetry, (*Device).resetTelemetry},
	35: {"RetainTelemetry", ManageLogAndTelemetry, (*Device).retainTelemetry},
	36: {"RecordTelemetryEventData", RecordTelemetry, (*Device).recordTelemetry},
	37: {"DeriveKey", SecureFiles, (*Device).deriveKey},
	38: {"WriteLog", Syslog, (*Device).writeLog},
}

// mailboxNeeds says which mailbox commands need a bit; those that are not here are
// free for all (azure-sphere 4.3). SetSecurityVersion is ours and changes what may
// be installed.
var mailboxNeeds = map[chip.Command]Bits{
	chip.SetPostcode:           Postcode,
	chip.GenerateClientAuthKey: AttestationRuntime,
	chip.ProcessAttestation:    AttestationRuntime,
	chip.CommitClientAuthKey:   AttestationRuntime,
	chip.PersistClientAuthKey:  AttestationRuntime,
	chip.RestoreClientAuthKey:  AttestationRuntime,
	chip.ManufacturingState:    UpdateSecurityState,
	chip.SetManufacturing:      UpdateSecurityState,
	chip.SetSecurityVersion:    UpdateSecurityState,
}

// probeCall is a raw call with chosen arguments: to the security monitor, to the
// security core, to a service's socket, to a driver or for a message queue.
func (d *Device) probeCall(p Probe) ([]byte, error) {
	number, err := strconv.Atoi(p.key("number", "0"))
	if err != nil || number < 0 || number > 999 {
		return nil, defense.Refuse(defense.Malformed, "number")
	}
	switch p.key("interface", "monitor") {
	case "mailbox":
		if number > 255 {
			return nil, defense.Refuse(defense.Malformed, "number")
		}
		return d.callMailbox(p, number)
	case "ipc":
		return d.callService(p, number)
	case "gpio":
		return d.callDriver(p)
	case "job":
		return d.controlProcess(p, number)
	case "queue":
		return d.openQueue(p)
	case "rest":
		return d.callLocal(p)
	}
	d.host.Observe(host.Event{Kind: "CallMade", Who: d.who(p), What: "monitor", Number: int64(number)})
	c, known := calls[number]
	if !known && d.monitor.Wrong(UnlistedNeedsAllBits) && d.bits(p.Component) == AllBits {
		return d.fallen()
	}
	if err := d.check(AnswersOnlyListedCalls, known, defense.UnknownCall); err != nil {
		return nil, err
	}
	if !known {
		return d.fallen()
	}
	if err := d.check(CallerMayUpdate, d.mayCall(p, c), defense.NotPermitted); err != nil {
		return nil, err
	}
	return c.do(d, p)
}

// mayCall tells whether the caller has the bits that a call needs.
func (d *Device) mayCall(p Probe, c call) bool {
	if d.monitor.Wrong(AnybodyErasesTelemetry) && c.name == "ResetTelemetry" {
		return true
	}
	if d.monitor.Wrong(TakesTheCallersWord) && len(p.Data) == 4 {
		return Bits(binary.LittleEndian.Uint32(p.Data))&c.needs == c.needs
	}
	return d.may(p, c.needs)
}

// fallen is what comes of a jump through an empty entry of the table: it takes the
// secure world down, and the device with it.
func (d *Device) fallen() ([]byte, error) {
	d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.monitor.Who, State: "fault"})
	d.PowerOn()
	return nil, defense.Refuse(defense.Unavailable, "the monitor stopped")
}

func (d *Device) countImages(Probe) ([]byte, error) {
	return binary.LittleEndian.AppendUint32(nil, uint32(len(d.apps))), nil
}

func (d *Device) listImages(Probe) ([]byte, error) {
	return []byte(strings.Join(d.Apps(), "\n")), nil
}

func (d *Device) rollbackInfo(Probe) ([]byte, error) {
	return binary.LittleEndian.AppendUint32(nil, d.Chip.Counter()), nil
}

// invalidateImage gives up the image in the slot that does not run. What the call is
// documented to do is its name and its bit (azure-sphere 4.3): what was installed may be
// thrown away by it, but never what the device runs from, nor what it goes back to while
// the release that runs is on trial, or one call would leave nothing that starts.
func (d *Device) invalidateImage(p Probe) ([]byte, error) {
	if err := d.check(KeepsTheWayBack, !d.readBootRecord().Trial, defense.WrongState); err != nil {
		return nil, err
	}
	d.host.Write(d.Name, d.who(p), slotRegions[1-d.slot], 0, make([]byte, host.PageSize))
	return nil, nil
}

func (d *Device) lockConfig(Probe) ([]byte, error) {
	d.Chip.LockPeripherals()
	return nil, nil
}

func (d *Device) logData(Probe) ([]byte, error) {
	var log []byte
	for _, r := range d.log.Reports {
		log = append(append(log, r.Text...), '\n')
	}
	return append(log, d.written...), nil
}

// recordTelemetry keeps what the caller says, at most 255 bytes of it (ERR-2): more
// would make a report that the collector takes no others beside.
func (d *Device) recordTelemetry(p Probe) ([]byte, error) {
	if err := d.check(RecordsAreBounded, len(p.Data) <= maxText, defense.TooLarge); err != nil {
		return nil, err
	}
	return nil, d.record(p.Component, "telemetry", p.Data, strings.ToValidUTF8(string(p.Data), ""))
}

// deriveKey gives a key for sealed storage, and its generation (args: how many
// generations back, then the component whose key it is, the caller's own where none
// is named; azure-sphere 4.3). An application has its own alone; what runs with all
// bits is the system, which keeps the storage of all of them. The chip derives for
// the tenant that it was bound to at boot: who became the owner since waits for the
// next start.
func (d *Device) deriveKey(p Probe) ([]byte, error) {
	if len(p.Data) != 1 && len(p.Data) != 17 {
		return nil, defense.Refuse(defense.Malformed, "a generation and a component")
	}
	caller, _ := d.process(p.Component)
	var own message.GUID
	if a := d.apps[p.Component]; a != nil {
		own = a.manifest.Component()
	}
	named := own
	copy(named[:], p.Data[1:])
	system := caller.bits == AllBits
	if err := d.check(DerivesOnlyTheCallersKey, named == own || system, defense.SubjectMismatch); err != nil {
		return nil, err
	}
	if err := d.check(KeysAreOfThisOwner, system || d.Chip.Tenant() == d.store.Owner, defense.WrongState); err != nil {
		return nil, err
	}
	key := d.Chip.StorageKey(uint32(p.Data[0]), named[:])
	if !system {
		digest := sha256.Sum256(key)
		d.host.Made(d.who(p), fmt.Sprintf("%s.storage-key-%s-%d", d.who(p), d.store.Owner, p.Data[0]), key, digest[:])
	}
	return key, nil
}
