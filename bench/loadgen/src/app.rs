//! The app that is pushed to: its users, sessions and keys, and the requests that need them. The hub's is made through
//! its API with the administrator's token of its data folder. A peer keeps no accounts: there a user's id is the token of
//! their session, and nothing has to be made.

use std::{fs, io};

use crate::{
    arguments::Arguments,
    callers::Callers,
    fleet::{Fleet, Greeting, WINDOW},
    http,
};

/// The app's id, and the only key of a peer.
const APP: &str = "bench";

/// Requests that prepare the app, at a time: enough for the hub to commit many at once.
const PREPARING: usize = 64;

/// What starts a push, on its way to a socket.
pub(crate) const PUSHED: &str = r#"42["alert","#;

/// What everybody has for a password.
const PASSWORD: &str = "correct horse";

pub(crate) struct App {
    port: u16,
    /// The token of the hub's administrator.
    admin: Option<String>,
    /// What sockets and logins name the app by.
    key: String,
    /// What a backend pushes with.
    secret: String,
}

impl App {
    pub(crate) fn create(arguments: &Arguments) -> io::Result<Self> {
        let (port, key, secret) = (arguments.port, APP.to_owned(), APP.to_owned());
        let Some(data_dir) = &arguments.data_dir else { return Ok(Self { port, admin: None, key, secret }) };
        let admin = Some(fs::read_to_string(data_dir.join("cli.token"))?);
        let mut app = Self { port, admin, key, secret };
        app.prepare("", [format!(r#"{{"id":"{APP}"}}"#)])?;
        app.key = text_field(&app.prepare("/bench/keys", ["{}".to_owned()])?[0], "key")?;
        let scopes = r#"{"scopes":["push"]}"#.to_owned();
        app.secret = text_field(&app.prepare("/bench/secret-keys", [scopes])?[0], "secret")?;
        Ok(app)
    }

    /// Users who can't log in.
    pub(crate) fn create_users(&self, count: usize) -> io::Result<()> {
        let users = (0..count).map(|number| format!(r#"{{"id":"{}"}}"#, user(number)));
        self.prepare("/bench/users", users).map(drop)
    }

    pub(crate) fn create_users_with_password(&self, count: usize) -> io::Result<()> {
        let users =
            (0..count).map(|number| format!(r#"{{"id":"{}","password":"{PASSWORD}"}}"#, user(number)));
        self.prepare("/bench/users", users).map(drop)
    }

    /// A session for each of the users; returns their tokens.
    pub(crate) fn open_sessions(&self, count: usize) -> io::Result<Vec<String>> {
        if self.admin.is_none() {
            return Ok((0..count).map(user).collect());
        }
        let sessions = (0..count).map(|number| format!(r#"{{"user_id":"{}"}}"#, user(number)));
        let opened = self.prepare("/bench/sessions", sessions)?;
        opened.iter().map(|body| text_field(body, "token")).collect()
    }

    /// Users who are online with one socket each: the socket with a number is that of the user with this number.
    pub(crate) fn open_members(&self, count: usize) -> io::Result<Fleet> {
        self.create_users(count)?;
        let sessions = self.open_sessions(count)?;
        let key = &self.key;
        let present =
            |session| Greeting::present(&format!(r#"{{"app_id":"{key}","session_id":"{session}"}}"#));
        let mut fleet = Fleet::new(self.port)?;
        fleet.open_each(sessions.iter().map(present), WINDOW)?;
        Ok(fleet)
    }

    /// A push to a user.
    pub(crate) fn push(&self, number: usize, sequence: u64) -> Vec<u8> {
        self.push_to(&user(number), sequence)
    }

    pub(crate) fn push_to_all(&self, sequence: u64) -> Vec<u8> {
        self.push_to("*", sequence)
    }

    fn push_to(&self, user: &str, sequence: u64) -> Vec<u8> {
        let message = message(sequence);
        let body = format!(r#"{{"user_id":"{user}","event_name":"alert","message":"{message}"}}"#);
        http::json_request(self.port, "/api/v1/apps/bench/push", Some(&self.secret), &body)
    }

    /// An order of each user. With a scenario, whatever becomes its text is pushed to its user.
    pub(crate) fn create_orders(&self, count: usize, has_scenario: bool) -> io::Result<()> {
        let fields = r#"{"fields":[{"name":"customer","type":"link"},{"name":"text","type":"string"}]}"#;
        self.put("/bench/structures/orders", fields)?;
        let orders = (0..count).map(|number| format!(r#"{{"id":"{number}","customer":"{}"}}"#, user(number)));
        self.prepare("/bench/structures/orders/objects", orders)?;
        if !has_scenario {
            return Ok(());
        }
        let scenario = r#"{"id":"tell","trigger":{"type":"object_changed","structure":"orders","fields":["text"]},
            "filter":"text != ''",
            "steps":[{"type":"push","user_id":"{{customer}}","event_name":"alert","message":"{{text}}"}]}"#;
        self.put("/bench/scenarios/tell", scenario)
    }

    /// A change of a user's order, by the administrator, whose calls no rate limits.
    pub(crate) fn change_order(&self, number: usize, sequence: u64) -> Vec<u8> {
        let path = format!("/api/v1/apps/bench/structures/orders/objects/{number}");
        let body = format!(r#"{{"text":"{}"}}"#, message(sequence));
        http::json_request_of("PATCH", self.port, &path, self.admin.as_deref(), &body)
    }

    pub(crate) fn login(&self, number: usize) -> Vec<u8> {
        let body = format!(r#"{{"username":"{}","password":"{PASSWORD}"}}"#, user(number));
        http::json_request(self.port, &format!("/good/api/v5/auth?appID={}", self.key), None, &body)
    }

    pub(crate) fn check(&self, session: &str) -> Vec<u8> {
        http::get_request(self.port, &format!("/good/api/v4/auth/check?sessionID={session}"))
    }

    /// Puts something as an administrator of the hub.
    fn put(&self, path: &str, body: &str) -> io::Result<()> {
        let path = format!("/api/v1/apps{path}");
        let request = http::json_request_of("PUT", self.port, &path, self.admin.as_deref(), body);
        Callers::open(self.port, 1)?.ask_all([request].into_iter()).map(drop)
    }

    /// Posts these bodies as an administrator of the hub; returns the bodies of the answers. A peer needs none of it.
    fn prepare(
        &self,
        path: &str,
        bodies: impl IntoIterator<Item = String, IntoIter: ExactSizeIterator>,
    ) -> io::Result<Vec<String>> {
        let Some(admin) = &self.admin else { return Ok(Vec::new()) };
        let path = format!("/api/v1/apps{path}");
        let request = |body: String| http::json_request(self.port, &path, Some(admin), &body);
        Callers::open(self.port, PREPARING)?.ask_all(bodies.into_iter().map(request))
    }
}

fn user(number: usize) -> String {
    format!("user-{number}")
}

/// The message of a push, which is as long on the wire as a broadcast.
fn message(sequence: u64) -> String {
    format!(
        "Your order has left the house and will be at your door today between four and six o'clock, number {sequence}"
    )
}

/// What a socket gets of a push.
pub(crate) fn pushed(sequence: u64) -> String {
    format!(r#"{PUSHED}"{}"]"#, message(sequence))
}

/// The sequence number in a push as a socket gets it; `None` for everything else.
pub(crate) fn sequence(packet: &[u8]) -> Option<u64> {
    let packet = str::from_utf8(packet).ok()?;
    let message = packet.strip_prefix(PUSHED)?.strip_suffix(r#""]"#)?;
    message.rsplit(' ').next()?.parse().ok()
}

/// How many sockets a push was handed to, as its answer says.
pub(crate) fn delivered(answer: &str) -> Option<usize> {
    let (_, rest) = answer.split_once(r#""delivered":"#)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn text_field(body: &str, name: &str) -> io::Result<String> {
    let value = body.split_once(&format!(r#""{name}":""#)).and_then(|(_, rest)| rest.split('"').next());
    value.map(str::to_owned).ok_or_else(|| io::Error::other(format!("no {name:?} in {body:?}")))
}

/// Numbers that look random and are the same for every server (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bridge, frame};

    #[test]
    fn a_push_is_as_long_on_the_wire_as_a_broadcast() {
        let broadcast = bridge::delivered(&bridge::payload(bridge::FIRST_SEQUENCE));
        let push = pushed(bridge::FIRST_SEQUENCE);
        assert_eq!(frame::unmasked(push.as_bytes()).len(), frame::unmasked(&broadcast).len());
    }

    #[test]
    fn the_sequence_number_is_read_back() {
        assert_eq!(sequence(pushed(1_000_000_017).as_bytes()), Some(1_000_000_017));
        assert_eq!(sequence(br#"42["other","no. 17"]"#), None);
    }

    #[test]
    fn an_answer_tells_how_many_sockets_got_it() {
        assert_eq!(delivered(r#"{"message_id":"x","delivered":12,"queued":0}"#), Some(12));
        assert_eq!(delivered(r#"{"delivered":3}"#), Some(3));
        assert_eq!(delivered(r#"{"code":"app_not_found"}"#), None);
    }

    #[test]
    fn a_field_is_found_by_its_name() {
        assert_eq!(text_field(r#"{"id":7,"token":"abc"}"#, "token").expect("it is there"), "abc");
        assert!(text_field("{}", "token").is_err());
    }
}
