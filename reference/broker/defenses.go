package broker

import "github.com/armillary/armillary/reference/defense"

// The defenses and wrong designs of the broker.
const (
	ClientShowsACertificate      defense.ID = "broker.client-shows-a-certificate"
	ClientIDFitsTheCertificate   defense.ID = "broker.client-id-fits-the-certificate"
	SubscribesOnlyToItsTopics    defense.ID = "broker.subscribes-only-to-its-topics"
	PostsOnlyToItsTopics         defense.ID = "broker.posts-only-to-its-topics"
	WillsOnlyToItsTopics         defense.ID = "broker.wills-only-to-its-topics"
	MessageIsNewer               defense.ID = "broker.message-is-newer"
	ReceiverIsStillEntitled      defense.ID = "broker.receiver-is-still-entitled"
	RetainedAuthorStillHasARight defense.ID = "broker.retained-author-still-has-a-right"
	RetainedIsOfThisOwner        defense.ID = "broker.retained-is-of-this-owner"
	WillAuthorStillHasARight     defense.ID = "broker.will-author-still-has-a-right"
	QueuesAreBounded             defense.ID = "broker.queues-are-bounded"
	EndsTheOldConnectionFirst    defense.ID = "broker.ends-the-old-connection-first"
	LeavesItsInsideOpen          defense.ID = "broker.leaves-its-inside-open"
	ReadsAWildcardAsAName        defense.ID = "broker.reads-a-wildcard-as-a-name"
)

// Defenses is the catalogue of this package.
var Defenses = []defense.Defense{
	{ID: ClientShowsACertificate, Title: "refuses a client that shows no certificate of a device or a person", Property: defense.Certificates, Class: defense.Unauthenticated, Cites: "Nexx garage CVE-2023-1748; PKI-07; CWE-798"},
	{ID: ClientIDFitsTheCertificate, Title: "refuses a client that calls itself otherwise than its certificate does", Property: defense.Certificates, Class: defense.SubjectMismatch, Cites: "MQTT on IoT clouds 2020 (client-id takeover); CVE-2026-33215; PKI-06 PKI-08"},
	{ID: SubscribesOnlyToItsTopics, Title: "refuses a subscription to topics on which the client has no right, wildcards among them", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "DJI Romo 2026; CAM-02; CWE-862"},
	{ID: PostsOnlyToItsTopics, Title: "refuses a message to a topic on which the client has no right", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "Ruijie CVE-2024-52324; PKI-08; CWE-863"},
	{ID: WillsOnlyToItsTopics, Title: "refuses a connection whose will goes to a topic on which the client has no right", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "MQTT on IoT clouds 2020 (will message); PKI-06; CWE-862"},
	{ID: MessageIsNewer, Title: "refuses a message whose number is not above the last one of its topic", Property: defense.Certificates, Class: defense.Stale, Cites: "Nexx garage CVE-2023-1752 (replayed open command); PKI-07; CWE-294"},
	{ID: ReceiverIsStillEntitled, Title: "refuses to deliver to a subscriber whose right has ended since", Property: defense.Certificates, Class: defense.Revoked, Cites: "MQTT on IoT clouds 2020 (surviving session); PKI-06; CWE-613"},
	{ID: RetainedAuthorStillHasARight, Title: "refuses to deliver a retained message whose author has lost his right", Property: defense.Certificates, Class: defense.Revoked, Cites: "MQTT on IoT clouds 2020 (retained command); PKI-06; CWE-613"},
	{ID: RetainedIsOfThisOwner, Title: "refuses to deliver a retained message from the time of a former owner", Property: defense.Certificates, Class: defense.Stale, Cites: "Nest Cam and Wink 2019; PKI-04 PKI-06; CWE-212"},
	{ID: WillAuthorStillHasARight, Title: "refuses to post the will of a client who has lost his right", Property: defense.Certificates, Class: defense.Revoked, Cites: "MQTT on IoT clouds 2020 (will message); PKI-06; CWE-613"},
	{ID: QueuesAreBounded, Title: "refuses to keep more messages for a client that does not read, and lets it go", Property: defense.Compartments, Class: defense.Rate, Cites: "NATS slow consumers; Mosquitto CVE-2021-34434 and CVE-2023-28366 (memory never given back); MQTT 5.0 section 3.3.4; CWE-770"},
}

// Defects is the catalogue of wrong designs of this package.
var Defects = []defense.Defect{
	{ID: EndsTheOldConnectionFirst, Title: "ends the older connection of a client's name before it has judged who takes that name", Property: defense.Certificates, Cites: "MQTT on IoT clouds 2020 (client-id takeover); MQTT 5.0 section 3.1.4-3; PKI-06; CWE-696"},
	{ID: LeavesItsInsideOpen, Title: "asks for no right on the topics under which it keeps messages for its own use", Property: defense.Certificates, Cites: "NATS server, no permissions on $MQTT topics (2026); PKI-06; CWE-862"},
	{ID: ReadsAWildcardAsAName, Title: "holds a wildcard against the rights as if it were the name of a topic that nobody owns", Property: defense.Certificates, Cites: "DJI Romo 2026; CAM-02; CWE-639"},
}
