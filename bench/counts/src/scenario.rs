//! The operations that are counted.

use campanile_hub::ConnectionKey;

use crate::harness::Harness;

/// Followers of a provider that broadcasts.
pub(crate) const FOLLOWERS: u64 = 1000;

pub(crate) const REGISTER_PROVIDER: &str = r#"42["register_provider",{"provider_id":"bench"}]"#;
pub(crate) const REGISTER_CLIENT: &str = r#"42["register_client",{"master_provider_id":"bench"}]"#;

const BROADCAST: &str = r#"42["sent_to_my_clients",{"cmd":"showSpeed","data":{"speed":87.5,"unit":"km/h"},"provider_id":"bench","seq":1000000000}]"#;
const ACK: &str = r#"427["register_client",{"master_provider_id":"bench"}]"#;
const REQUEST: &str =
    r#"42["request_provider",{"to_provider_id":"bench","cmd":"double_me","data":42,"seq":1000000000}]"#;

/// An operation that is repeated and counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// A provider broadcasts to [`FOLLOWERS`] followers.
    Broadcast,
    /// A client's event is acknowledged.
    Ack,
    /// A client's request goes to its provider, and the reply back.
    Request,
}

impl Scenario {
    pub(crate) const ALL: [Self; 3] = [Self::Broadcast, Self::Ack, Self::Request];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Broadcast => "broadcast",
            Self::Ack => "ack",
            Self::Request => "request",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    /// What one round counts as: deliveries, or round trips.
    pub(crate) fn operations_per_round(self) -> u64 {
        match self {
            Self::Broadcast => FOLLOWERS,
            Self::Ack | Self::Request => 1,
        }
    }

    /// Opens its clients and runs it a few times, so that what grows once has grown.
    pub(crate) fn prepare(self) -> Prepared {
        let mut harness = Harness::new();
        let provider = harness.connect(Some(REGISTER_PROVIDER));
        let client = harness.connect(Some(REGISTER_CLIENT));
        if self == Self::Broadcast {
            for _ in 1..FOLLOWERS {
                harness.connect(Some(REGISTER_CLIENT));
            }
        }
        let reply = harness.capture_reply(client, provider);
        let mut prepared = Prepared { scenario: self, harness, provider, client, reply };
        prepared.run(10);
        prepared
    }
}

/// A scenario whose clients are connected.
pub(crate) struct Prepared {
    scenario: Scenario,
    harness: Harness,
    provider: ConnectionKey,
    client: ConnectionKey,
    reply: String,
}

impl Prepared {
    pub(crate) fn run(&mut self, rounds: u64) {
        for _ in 0..rounds {
            let frames = match self.scenario {
                Scenario::Broadcast => self.harness.turn(self.provider, BROADCAST),
                Scenario::Ack => self.harness.turn(self.client, ACK),
                Scenario::Request => {
                    let asked = self.harness.turn(self.client, REQUEST);
                    asked * self.harness.turn(self.provider, &self.reply)
                }
            };
            assert_eq!(frames, self.scenario.operations_per_round(), "every round delivers to everyone");
        }
    }
}

impl Harness {
    /// The reply that the provider sends to the client's request: everything echoed, and a result.
    fn capture_reply(&mut self, client: ConnectionKey, provider: ConnectionKey) -> String {
        let mut request = String::new();
        self.turn_seen(client, REQUEST, &mut |to, frame| {
            if to == provider {
                request = String::from_utf8_lossy(frame).into_owned();
            }
        });
        let start = request.find('{').expect("the provider got the request");
        format!(r#"42["provider_reply",{},"result":84}}]"#, request[start..].trim_end_matches("}]"))
    }
}
