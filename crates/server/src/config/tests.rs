//! The configuration through its public door: files, variables and options in, a [`Config`] or one line of error out.

use std::{collections::BTreeSet, fs};

use campanile_hub::RecoveryOptions;
use campanile_platform::DuplicateProvider;
use campanile_transport::{Cookie, Cors, Origins};

use super::*;

/// A variable for every key, with a value that differs from the default.
const OTHER_VALUES: &[(&str, &str)] = &[
    ("CAMPANILE_LISTEN", "[::1]:4200"),
    ("CAMPANILE_DATA_DIR", "/var/lib/campanile"),
    ("CAMPANILE_SHARDS", "201"),
    ("CAMPANILE_LOG__FORMAT", "json"),
    ("CAMPANILE_LOG__LEVEL", "debug"),
    ("CAMPANILE_SOCKETIO__PATH", "/hub/"),
    ("CAMPANILE_SOCKETIO__TRANSPORTS", "websocket"),
    ("CAMPANILE_SOCKETIO__ALLOW_UPGRADES", "false"),
    ("CAMPANILE_SOCKETIO__PING_INTERVAL_MS", "11"),
    ("CAMPANILE_SOCKETIO__PING_TIMEOUT_MS", "12"),
    ("CAMPANILE_SOCKETIO__UPGRADE_TIMEOUT_MS", "13"),
    ("CAMPANILE_SOCKETIO__CONNECT_TIMEOUT_MS", "14"),
    ("CAMPANILE_SOCKETIO__MAX_PAYLOAD_BYTES", "15"),
    ("CAMPANILE_SOCKETIO__HTTP_COMPRESSION", "false"),
    ("CAMPANILE_SOCKETIO__HTTP_COMPRESSION_THRESHOLD_BYTES", "16"),
    ("CAMPANILE_SOCKETIO__PER_MESSAGE_DEFLATE", "true"),
    ("CAMPANILE_SOCKETIO__PER_MESSAGE_DEFLATE_THRESHOLD_BYTES", "17"),
    ("CAMPANILE_SOCKETIO__SERVE_CLIENT", "false"),
    ("CAMPANILE_SOCKETIO__COOKIE__ENABLED", "true"),
    ("CAMPANILE_SOCKETIO__COOKIE__NAME", "sid"),
    ("CAMPANILE_SOCKETIO__COOKIE__PATH", "/hub"),
    ("CAMPANILE_SOCKETIO__COOKIE__HTTP_ONLY", "false"),
    ("CAMPANILE_SOCKETIO__COOKIE__SECURE", "true"),
    ("CAMPANILE_SOCKETIO__COOKIE__SAME_SITE", "strict"),
    ("CAMPANILE_SOCKETIO__COOKIE__MAX_AGE_S", "18"),
    ("CAMPANILE_SOCKETIO__CORS__ORIGINS", "[\"https://a.example\", \"http://localhost:3000\"]"),
    ("CAMPANILE_SOCKETIO__CORS__CREDENTIALS", "true"),
    ("CAMPANILE_SOCKETIO__RECOVERY__ENABLED", "true"),
    ("CAMPANILE_SOCKETIO__RECOVERY__MAX_DISCONNECTION_MS", "19"),
    ("CAMPANILE_SOCKETIO__RECOVERY__LOG_BYTES_MAX", "20"),
    ("CAMPANILE_SOCKETIO__RECOVERY__SESSIONS_MAX", "21"),
    ("CAMPANILE_LIMITS__CONNECTIONS_MAX", "22"),
    ("CAMPANILE_LIMITS__CONNECTIONS_PER_ADDRESS_MAX", "46"),
    ("CAMPANILE_LIMITS__CONNECTS_PER_ADDRESS_PER_S", "47"),
    ("CAMPANILE_LIMITS__CONNECTS_PER_ADDRESS_BURST", "48"),
    ("CAMPANILE_LIMITS__MESSAGES_PER_CONNECTION_PER_S", "49"),
    ("CAMPANILE_LIMITS__MESSAGES_PER_CONNECTION_BURST", "50"),
    ("CAMPANILE_LIMITS__POLL_PACKETS_MAX", "44"),
    ("CAMPANILE_LIMITS__OUTBOX_BYTES_MAX", "23"),
    ("CAMPANILE_LIMITS__ROOMS_PER_SOCKET_MAX", "24"),
    ("CAMPANILE_LIMITS__NAMESPACES_PER_CONNECTION_MAX", "25"),
    ("CAMPANILE_LIMITS__ATTACHMENTS_MAX", "26"),
    ("CAMPANILE_LIMITS__ATTACHMENTS_TIMEOUT_MS", "27"),
    ("CAMPANILE_LIMITS__JSON_DEPTH_MAX", "28"),
    ("CAMPANILE_LIMITS__ACKS_PER_SOCKET_MAX", "29"),
    ("CAMPANILE_LIMITS__HEAD_TIMEOUT_MS", "30"),
    ("CAMPANILE_LIMITS__BODY_TIMEOUT_MS", "31"),
    ("CAMPANILE_LIMITS__HEAD_BYTES_MAX", "3200"),
    ("CAMPANILE_LIMITS__HEADERS_MAX", "33"),
    ("CAMPANILE_LIMITS__FRAGMENTS_MAX", "34"),
    ("CAMPANILE_LIMITS__PAYLOAD_PACKETS_MAX", "35"),
    ("CAMPANILE_LIMITS__MAILBOX_MESSAGES_MAX", "36"),
    ("CAMPANILE_LIMITS__ACCEPT_BACKLOG", "37"),
    ("CAMPANILE_LIMITS__PROVIDERS_PER_SOCKET_MAX", "38"),
    ("CAMPANILE_LIMITS__PROVIDERS_MAX", "39"),
    ("CAMPANILE_LIMITS__MEMBERS_PER_PROVIDER_MAX", "40"),
    ("CAMPANILE_LIMITS__ASKED_PROVIDERS_PER_SOCKET_MAX", "41"),
    ("CAMPANILE_LIMITS__OPEN_REQUESTS_PER_SOCKET_MAX", "42"),
    ("CAMPANILE_LIMITS__OPEN_HTTP_REQUESTS_MAX", "43"),
    ("CAMPANILE_BRIDGE__DUPLICATE_PROVIDER", "share"),
    ("CAMPANILE_BRIDGE__REQUEST_TIMEOUT_MS", "44"),
    ("CAMPANILE_STORE__DURABILITY", "normal"),
    ("CAMPANILE_STORE__READERS", "3"),
    ("CAMPANILE_STORE__GROUP_WRITES_MAX", "51"),
    ("CAMPANILE_ACCOUNTS__PASSWORD_MEMORY_KIB", "52"),
    ("CAMPANILE_ACCOUNTS__PASSWORD_PASSES", "53"),
    ("CAMPANILE_SESSIONS__TTL_S", "54"),
    ("CAMPANILE_SESSIONS__RENEW_AFTER_S", "55"),
    ("CAMPANILE_SESSIONS__ADMIN_TTL_S", "56"),
    ("CAMPANILE_LIMITS__APPS_MAX", "57"),
    ("CAMPANILE_LIMITS__KEYS_PER_APP_MAX", "58"),
    ("CAMPANILE_LIMITS__GLOBALS_BYTES_MAX", "78"),
    ("CAMPANILE_LIMITS__REQUESTS_PER_KEY_PER_S", "7"),
    ("CAMPANILE_LIMITS__REQUESTS_PER_KEY_BURST", "7"),
    ("CAMPANILE_LIMITS__SESSIONS_PER_USER_MAX", "59"),
    ("CAMPANILE_LIMITS__PASSWORD_CHARS_MIN", "60"),
    ("CAMPANILE_LIMITS__PASSWORD_CHECKS_AT_ONCE_MAX", "61"),
    ("CAMPANILE_LIMITS__PASSWORD_CHECKS_WAITING_MAX", "62"),
    ("CAMPANILE_LIMITS__LOGIN_FAILURES_PER_ACCOUNT_MAX", "63"),
    ("CAMPANILE_LIMITS__LOGIN_FAILURES_PER_ADDRESS_MAX", "64"),
    ("CAMPANILE_LIMITS__LOGIN_WINDOW_S", "65"),
    ("CAMPANILE_LIMITS__PUSH_RECIPIENTS_MAX", "66"),
    ("CAMPANILE_LIMITS__PUSH_BATCH_MAX", "67"),
    ("CAMPANILE_LIMITS__PUSH_MESSAGE_BYTES_MAX", "68"),
    ("CAMPANILE_LIMITS__PUSHES_KEPT_PER_APP_MAX", "69"),
    ("CAMPANILE_LIMITS__STORE_WRITES_WAITING_MAX", "70"),
    ("CAMPANILE_LIMITS__STRUCTURES_PER_APP_MAX", "71"),
    ("CAMPANILE_LIMITS__FIELDS_PER_STRUCTURE_MAX", "72"),
    ("CAMPANILE_LIMITS__ENDPOINTS_PER_APP_MAX", "73"),
    ("CAMPANILE_LIMITS__OBJECTS_PER_APP_MAX", "74"),
    ("CAMPANILE_LIMITS__OBJECT_BYTES_MAX", "75"),
    ("CAMPANILE_LIMITS__OBJECTS_PER_REQUEST_MAX", "76"),
    ("CAMPANILE_LIMITS__CHANGES_WAITING_MAX", "77"),
    ("CAMPANILE_LIMITS__SCENARIOS_PER_APP_MAX", "101"),
    ("CAMPANILE_LIMITS__SCENARIO_VERSIONS_KEPT_MAX", "102"),
    ("CAMPANILE_LIMITS__SCENARIO_BYTES_MAX", "103"),
    ("CAMPANILE_LIMITS__SCENARIO_STEPS_MAX", "104"),
    ("CAMPANILE_LIMITS__SCENARIO_WAIT_S_MAX", "105"),
    ("CAMPANILE_LIMITS__SCENARIO_TIMEOUT_MS_MAX", "106"),
    ("CAMPANILE_LIMITS__SCENARIO_RETRIES_MAX", "107"),
    ("CAMPANILE_LIMITS__RUNS_AT_ONCE_PER_APP_MAX", "108"),
    ("CAMPANILE_LIMITS__RUNS_OPEN_PER_APP_MAX", "109"),
    ("CAMPANILE_LIMITS__RUNS_KEPT_PER_APP_MAX", "110"),
    ("CAMPANILE_LIMITS__RUN_LOG_VALUE_BYTES_MAX", "111"),
    ("CAMPANILE_LIMITS__RUN_DEPTH_MAX", "112"),
    ("CAMPANILE_LIMITS__RUN_CONTEXT_BYTES_MAX", "113"),
    ("CAMPANILE_LIMITS__TEMPLATE_STEPS_MAX", "114"),
    ("CAMPANILE_LIMITS__TEMPLATE_BYTES_MAX", "115"),
    ("CAMPANILE_LIMITS__OCCURRENCES_WAITING_MAX", "116"),
    ("CAMPANILE_LIMITS__REQUESTS_PER_HOOK_PER_S", "117"),
    ("CAMPANILE_LIMITS__REQUESTS_PER_HOOK_BURST", "118"),
    ("CAMPANILE_SCENARIOS__ANSWER_TIMEOUT_MS", "119"),
    ("CAMPANILE_LIMITS__PAGES_PER_APP_MAX", "120"),
    ("CAMPANILE_LIMITS__PAGE_BYTES_MAX", "121"),
    ("CAMPANILE_LIMITS__PAGE_BLOCKS_MAX", "122"),
    ("CAMPANILE_LIMITS__PAGE_FIELDS_MAX", "123"),
    ("CAMPANILE_OUTGOING__ENABLED", "false"),
    ("CAMPANILE_OUTGOING__ALLOW_ADDRESSES", "127.0.0.1/32"),
    ("CAMPANILE_LIMITS__OUTGOING_REQUESTS_AT_ONCE_MAX", "78"),
    ("CAMPANILE_LIMITS__OUTGOING_REQUESTS_WAITING_MAX", "79"),
    ("CAMPANILE_LIMITS__OUTGOING_REDIRECTS_MAX", "80"),
    ("CAMPANILE_LIMITS__OUTGOING_ANSWER_BYTES_MAX", "81"),
    ("CAMPANILE_LIMITS__OUTGOING_ANSWER_HEAD_BYTES_MAX", "8200"),
    ("CAMPANILE_LIMITS__OUTGOING_ANSWER_HEADERS_MAX", "82"),
    ("CAMPANILE_LIMITS__TRAFFIC_WATCHERS_MAX", "301"),
    ("CAMPANILE_LIMITS__TRAFFIC_FLOWS_WAITING_MAX", "302"),
    ("CAMPANILE_SOCKETIO__ADMIN_UI", "true"),
    ("CAMPANILE_LIMITS__ADMIN_UI_SOCKETS_MAX", "303"),
    ("CAMPANILE_SHUTDOWN__DRAIN_TIMEOUT_MS", "45"),
];

/// Keys that need files, or accept one value only; other tests cover them.
const SPECIAL_KEYS: [&str; 4] =
    ["tls.certificate", "tls.key", "socketio.allow_eio3", "socketio.cleanup_empty_child_namespaces"];

/// What has to be on for the other keys of its table to show.
const ENABLING: [(&str, &str); 7] = [
    ("CAMPANILE_SOCKETIO__ADMIN_UI", "true"),
    ("CAMPANILE_SOCKETIO__COOKIE__ENABLED", "true"),
    ("CAMPANILE_SOCKETIO__RECOVERY__ENABLED", "true"),
    ("CAMPANILE_SOCKETIO__PER_MESSAGE_DEFLATE", "true"),
    ("CAMPANILE_SOCKETIO__HTTP_COMPRESSION", "true"),
    ("CAMPANILE_SOCKETIO__CORS__ORIGINS", "https://b.example"),
    ("CAMPANILE_LIMITS__CONNECTS_PER_ADDRESS_PER_S", "1"),
];

fn from_environment(variables: &[(&str, &str)]) -> anyhow::Result<Config> {
    let variables = variables.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Config::load(None, variables, Overrides::default())
}

fn from_file(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("campanile.toml");
    fs::write(&file, text).unwrap();
    Config::load(Some(&file), [], Overrides::default())
        .map_err(|error| format!("{error:#}").replace(&format!("{}/", folder.path().display()), ""))
}

fn debug(value: &impl std::fmt::Debug) -> String {
    format!("{value:#?}")
}

#[test]
fn the_default_file_says_what_the_structs_default_to() {
    let config = from_environment(&[]).unwrap();
    let open_to_all = Cors { origins: Origins::Any, credentials: false };
    let transport = campanile_transport::Options { cors: open_to_all, ..Default::default() };

    assert_eq!(debug(&config.hub), debug(&campanile_hub::Options::default()));
    assert_eq!(debug(&config.transport), debug(&transport));
    assert_eq!(debug(&config.bridge), debug(&campanile_platform::BridgeOptions::default()));
    assert_eq!(config.listen, ["127.0.0.1:4100".parse().unwrap()]);
    assert_eq!(config.data_dir, Path::new("campanile-data"));
    assert_eq!(config.drain_timeout, Duration::from_secs(10));
    assert_eq!((config.log.format, config.log.level.as_str()), (LogFormat::Text, "info"));
    assert_eq!(config.client, ClientBundle::Served);
}

#[test]
fn what_is_off_by_default_has_its_defaults_once_it_is_on() {
    let config = from_environment(&ENABLING).unwrap();
    let cookie = Cookie {
        name: "io".into(),
        path: "/".into(),
        http_only: true,
        secure: false,
        same_site: Some("Lax".into()),
        max_age_s: None,
    };
    assert_eq!(debug(&config.hub.recovery), debug(&Some(RecoveryOptions::default())));
    assert_eq!(debug(&config.transport.cookie), debug(&Some(cookie)));
    assert_eq!(config.transport.per_message_deflate_threshold_bytes, Some(1024));
}

#[test]
fn every_key_has_a_meaning_of_its_own() {
    let keys: BTreeSet<_> = Settings::defaults().keys().map(str::to_owned).collect();
    let named =
        OTHER_VALUES.iter().map(|(name, _)| name["CAMPANILE_".len()..].to_lowercase().replace("__", "."));
    let named: BTreeSet<_> = named.chain(SPECIAL_KEYS.map(str::to_owned)).collect();
    assert_eq!(keys, named);

    for (name, value) in OTHER_VALUES {
        let rest: Vec<_> = ENABLING.into_iter().filter(|(enabling, _)| enabling != name).collect();
        let without = from_environment(&rest).unwrap_or_else(|error| panic!("without {name}: {error:#}"));
        let with: Vec<_> = rest.into_iter().chain([(*name, *value)]).collect();
        let with = from_environment(&with).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        assert_ne!(debug(&without), debug(&with), "{name} changes nothing");
    }
}

#[test]
fn every_field_is_reached_by_a_key() {
    let default = from_environment(&[]).unwrap();
    let other = from_environment(OTHER_VALUES).unwrap();
    let fields = |config: &Config| {
        let mut fields = Vec::new();
        for (name, text) in [
            ("hub", debug(&config.hub)),
            ("transport", debug(&config.transport)),
            ("bridge", debug(&config.bridge)),
            ("outgoing", debug(&config.outgoing)),
            ("recovery", debug(&config.hub.recovery.clone().unwrap_or_default())),
        ] {
            // A field with what is inside it, from one line of four spaces to the next.
            let text = text.replace("\n     ", " ");
            let direct = |line: &&str| line.starts_with("    ") && line.contains(": ");
            fields.extend(text.lines().filter(direct).map(|line| format!("{name}{line}")));
        }
        fields
    };
    // One of the two transports stays on.
    let unchanged: Vec<_> =
        fields(&default).into_iter().filter(|field| fields(&other).contains(field)).collect();
    assert_eq!(unchanged, ["transport    websocket: true,", "transport    tls: None,"]);
    assert!(from_file("[socketio]\ntransports = [\"polling\"]").unwrap().transport.polling);
    assert!(!from_file("[socketio]\ntransports = [\"polling\"]").unwrap().transport.websocket);
}

#[test]
fn a_limit_of_zero_is_none() {
    let config = from_file(
        "[limits]\nconnections_per_address_max = 0\nconnects_per_address_per_s = 0\nmessages_per_connection_per_s = 0",
    )
    .unwrap();
    assert_eq!(config.transport.connections_per_address_max, None);
    assert_eq!(config.transport.connects_per_address, None);
    assert_eq!(config.hub.messages_per_connection, None);
}

#[test]
fn later_layers_win() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("campanile.toml");
    fs::write(
        &file,
        "listen = [\"127.0.0.1:1\"]\ndata_dir = \"file\"\n[bridge]\nduplicate_provider = \"reject\"\n",
    )
    .unwrap();
    let variables =
        || [("CAMPANILE_LISTEN".into(), "127.0.0.1:2".into()), ("CAMPANILE_DATA_DIR".into(), "7".into())];
    let overrides = Overrides { listen: vec!["127.0.0.1:3".into(), "[::1]:3".into()], data_dir: None };

    let config = Config::load(Some(&file), variables(), overrides).unwrap();
    assert_eq!(config.bridge.duplicate_provider, DuplicateProvider::Reject);
    assert_eq!(config.data_dir, Path::new("7"));
    assert_eq!(config.listen, ["127.0.0.1:3".parse().unwrap(), "[::1]:3".parse().unwrap()]);
    let overrides = Overrides { listen: vec![], data_dir: Some("option".into()) };
    let config = Config::load(Some(&file), variables(), overrides).unwrap();
    assert_eq!(config.data_dir, Path::new("option"));
    assert_eq!(config.listen, ["127.0.0.1:2".parse().unwrap()]);
}

#[test]
fn variables_are_toml_or_plain_text() {
    let listen = |text| from_environment(&[("CAMPANILE_LISTEN", text)]).unwrap().listen;
    assert_eq!(listen("[\"127.0.0.1:1\", \"127.0.0.1:2\"]").len(), 2);
    assert_eq!(listen("[::1]:4100"), ["[::1]:4100".parse().unwrap()]);
    assert_eq!(
        from_environment(&[("CAMPANILE_DATA_DIR", "\"quoted\"")]).unwrap().data_dir,
        Path::new("quoted")
    );
    assert_eq!(from_environment(&[("CAMPANILE_SHARDS", "0x10")]).unwrap().transport.shards, 16);
}

#[test]
fn variables_that_are_no_keys_are_warned_of_and_ignored() {
    let warnings = |variable| from_environment(&[variable]).unwrap().warnings;
    assert_eq!(
        warnings(("CAMPANILE_LISTN", "127.0.0.1:1")),
        ["environment variable CAMPANILE_LISTN is ignored: unknown key \"listn\" (did you mean \"listen\"?)"]
    );
    assert_eq!(warnings(("CAMPANILES", "1")), [""; 0]);
    assert_eq!(warnings(("PATH", "/bin")), [""; 0]);
}

#[test]
fn every_mistake_in_a_file_is_named_with_its_line() {
    for (text, message) in [
        (
            "\n[bridge]\nduplicat_provider = \"share\"",
            "campanile.toml:3: unknown key \"bridge.duplicat_provider\" (did you mean \"duplicate_provider\"?)",
        ),
        ("[bridg]", "campanile.toml:1: unknown key \"bridg\" (did you mean \"bridge\"?)"),
        (
            "ping_interval_ms = 1",
            "campanile.toml:1: unknown key \"ping_interval_ms\" (did you mean \"socketio.ping_interval_ms\"?)",
        ),
        ("[limits]\nzzz = 1", "campanile.toml:2: unknown key \"limits.zzz\""),
        ("shards = \"two\"", "campanile.toml:1: \"shards\" must be a whole number"),
        ("shards = 1.5", "campanile.toml:1: \"shards\" must be a whole number"),
        ("shards = 257", "campanile.toml:1: \"shards\" must be 0 to 256, not 257"),
        ("[shards]\nx = 1", "campanile.toml:1: \"shards\" must be a whole number"),
        ("bridge = 1", "campanile.toml:1: \"bridge\" is a table, written [bridge]"),
        (
            "\n\n[socketio]\nping_interval_ms = 0",
            "campanile.toml:4: \"socketio.ping_interval_ms\" must be 1 to 86400000, not 0",
        ),
        (
            "[bridge]\nduplicate_provider = \"shared\"",
            "campanile.toml:2: \"bridge.duplicate_provider\" must be one of \"replace\", \"reject\", \"share\", not \"shared\"",
        ),
        (
            "listen = [\"localhost\"]",
            "campanile.toml:1: \"listen\" must be IP:PORT, such as 127.0.0.1:4100 or [::1]:4100, not \"localhost\"",
        ),
        ("listen = []", "campanile.toml:1: \"listen\" must name at least one address"),
        ("listen = [1]", "campanile.toml:1: \"listen\" must be a list of texts in quotes"),
        ("data_dir = ''", "campanile.toml:1: \"data_dir\" must name a folder"),
        (
            "[log]\nlevel = \"inof\"",
            "campanile.toml:2: \"log.level\" must be a level such as \"info\" or \"info,campanile_transport=debug\", not \"inof\"",
        ),
        (
            "[outgoing]\nallow_addresses = [\"10.0.0.0/8\", \"localhost\"]",
            "campanile.toml:2: \"outgoing.allow_addresses\" must hold networks such as 10.0.0.0/8 or fd00::/8, not \"localhost\"",
        ),
        (
            "[socketio]\nallow_eio3 = true",
            "campanile.toml:2: \"socketio.allow_eio3\" must be false: clients of Socket.IO 2 (Engine.IO 3) are not supported",
        ),
        (
            "[socketio]\ncleanup_empty_child_namespaces = false",
            "campanile.toml:2: \"socketio.cleanup_empty_child_namespaces\" must be true: the hub always frees a namespace with its last socket",
        ),
        (
            "[socketio]\npath = \"/\"",
            "campanile.toml:2: \"socketio.path\" must start with \"/\", name a folder, and consist of letters, digits and -._~/",
        ),
        (
            "[socketio]\ntransports = [\"webtransport\"]",
            "campanile.toml:2: \"socketio.transports\" must hold \"polling\", \"websocket\", or both, and nothing else",
        ),
        (
            "[socketio.cors]\ncredentials = true",
            "campanile.toml:2: \"socketio.cors.credentials\" needs a list of origins in socketio.cors.origins: with \"*\" or none, any page could act for its visitors",
        ),
        (
            "[socketio.cors]\norigins = [\"https://a.example/\"]",
            "campanile.toml:2: \"socketio.cors.origins\" must hold origins such as \"https://example.org\", not \"https://a.example/\"",
        ),
        (
            "[socketio.cors]\norigins = [\"*\", \"https://a.example\"]",
            "campanile.toml:2: \"socketio.cors.origins\" must not mix \"*\" with other origins",
        ),
        (
            "[socketio.cookie]\nname = \"a;b\"",
            "campanile.toml:2: \"socketio.cookie.name\" must be a cookie name: letters, digits, - and _",
        ),
        (
            "[socketio.cookie]\npath = \"/; Domain=example.org\"",
            "campanile.toml:2: \"socketio.cookie.path\" must start with \"/\" and hold neither spaces nor \";\"",
        ),
        (
            "[socketio.cookie]\nsame_site = \"none\"",
            "campanile.toml:2: \"socketio.cookie.same_site\" is \"none\", which browsers accept only together with socketio.cookie.secure = true",
        ),
        ("[tls]\nkey = \"key.pem\"", "campanile.toml:2: \"tls.key\" needs tls.certificate as well"),
        ("[tls]\ncertificate = \"cert.pem\"", "campanile.toml:2: \"tls.certificate\" needs tls.key as well"),
    ] {
        assert_eq!(from_file(text).unwrap_err(), message);
    }
}

#[test]
fn broken_toml_is_one_line_of_error() {
    let message = from_file("shards = 1\n[log\n").unwrap_err();
    assert!(message.starts_with("campanile.toml:2: "), "{message}");
    assert_eq!(message.lines().count(), 1, "{message}");
}

#[test]
fn mistakes_outside_files_name_the_variable_or_the_option() {
    let message = |variable| format!("{:#}", from_environment(&[variable]).unwrap_err());
    assert_eq!(
        message(("CAMPANILE_SOCKETIO__PING_INTERVAL_MS", "soon")),
        "environment variable CAMPANILE_SOCKETIO__PING_INTERVAL_MS: \"socketio.ping_interval_ms\" must be a whole number"
    );
    let overrides = Overrides { listen: vec!["4100".into()], data_dir: None };
    assert_eq!(
        format!("{:#}", Config::load(None, [], overrides).unwrap_err()),
        "--listen: \"listen\" must be IP:PORT, such as 127.0.0.1:4100 or [::1]:4100, not \"4100\""
    );
    let missing = Config::load(Some(Path::new("missing.toml")), [], Overrides::default()).unwrap_err();
    assert_eq!(
        format!("{missing:#}"),
        "missing.toml: cannot be read: No such file or directory (os error 2)"
    );
}

#[test]
fn the_default_file_is_a_valid_file() {
    let from_copy = from_file(DEFAULT_FILE).unwrap();
    assert_eq!(debug(&from_copy), debug(&from_environment(&[]).unwrap()));
}

#[test]
fn certificates_are_read_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, contents: String| {
        fs::write(folder.path().join(name), contents).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = write("certificate.pem", own.cert.pem());
    let key = write("key.pem", own.signing_key.serialize_pem());
    let key_of_other = write("other.pem", other.signing_key.serialize_pem());
    let load = |certificate: &str, key: &str| {
        from_environment(&[("CAMPANILE_TLS__CERTIFICATE", certificate), ("CAMPANILE_TLS__KEY", key)])
            .map_err(|error| format!("{error:#}"))
    };

    let tls = load(&certificate, &key).unwrap().transport.tls.unwrap();
    assert_eq!(tls.alpn_protocols, [b"http/1.1"]);
    for (certificate, key, complaint) in [
        (certificate.as_str(), key_of_other.as_str(), "\"tls.key\" is refused: "),
        (&key, &key, &*format!("\"tls.certificate\" {key:?} holds no certificate")),
        (&certificate, &certificate, &*format!("\"tls.key\" {certificate:?} holds no private key: ")),
        ("missing.pem", &key, "\"tls.certificate\" \"missing.pem\" holds no certificate: "),
    ] {
        let message = load(certificate, key).unwrap_err();
        assert!(message.contains(complaint), "{message}");
    }
}
