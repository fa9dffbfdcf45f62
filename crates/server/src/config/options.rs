//! What the keys mean: each option struct is filled from the settings field by field, with its ranges.
//!
//! A field that is added to one of the structs doesn't compile here until a key sets it.

use std::{net::SocketAddr, ops::RangeInclusive, path::PathBuf, time::Duration};

use campanile_hub::{Rate, RecoveryOptions};
use campanile_platform::{
    BridgeOptions, DuplicateProvider, TrafficOptions, accounts,
    admin_ui::AdminUiOptions,
    data::DataOptions,
    pages::{PageOptions, document::DocumentLimits},
    push::PushOptions,
    runner::RunnerOptions,
    scenarios::{definition::DefinitionLimits, engine::RunLimits, template::RenderLimits},
};
use campanile_store::Durability;
use campanile_transport::{Cookie, Cors, Origins};
use ipnet::IpNet;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::{ClientBundle, Log, LogFormat, settings::Settings, tls};
use crate::outgoing::OutgoingOptions;

const SECOND: i64 = 1_000;
const DAY: i64 = 24 * 3_600 * SECOND;
const MEBIBYTE: i64 = 1 << 20;
const GIBIBYTE: i64 = 1 << 30;

/// Any time that an interval or a deadline may sensibly have, in milliseconds.
const SPAN: RangeInclusive<i64> = 1..=DAY;
/// Any number of things that memory could hold.
const COUNT: RangeInclusive<i64> = 1..=1_000_000_000;

/// Keys that Socket.IO's own server has, with the one value that this hub can honour.
pub(super) fn refuse_unsupported(settings: &Settings) -> anyhow::Result<()> {
    if settings.switch("socketio.allow_eio3") {
        let why = "must be false: clients of Socket.IO 2 (Engine.IO 3) are not supported";
        return Err(settings.refusal("socketio.allow_eio3", why));
    }
    if !settings.switch("socketio.cleanup_empty_child_namespaces") {
        let why = "must be true: the hub always frees a namespace with its last socket";
        return Err(settings.refusal("socketio.cleanup_empty_child_namespaces", why));
    }
    Ok(())
}

pub(super) fn listen(settings: &Settings) -> anyhow::Result<Vec<SocketAddr>> {
    let texts = settings.list("listen");
    if texts.is_empty() {
        return Err(settings.refusal("listen", "must name at least one address"));
    }
    let address = |text: &String| {
        let why = || format!("must be IP:PORT, such as 127.0.0.1:4100 or [::1]:4100, not {text:?}");
        text.parse().map_err(|_| settings.refusal("listen", why()))
    };
    texts.iter().map(address).collect()
}

pub(super) fn data_dir(settings: &Settings) -> anyhow::Result<PathBuf> {
    match settings.text("data_dir") {
        "" => Err(settings.refusal("data_dir", "must name a folder")),
        folder => Ok(PathBuf::from(folder)),
    }
}

pub(super) fn log(settings: &Settings) -> anyhow::Result<Log> {
    let level = settings.text("log.level");
    if !is_level(level) {
        let why =
            format!("must be a level such as \"info\" or \"info,campanile_transport=debug\", not {level:?}");
        return Err(settings.refusal("log.level", why));
    }
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    Ok(Log { format: settings.choice("log.format", &formats)?, level: level.to_owned() })
}

/// The filter itself would take a misspelt level for the name of a module, and then log nothing else.
fn is_level(text: &str) -> bool {
    let directive =
        |part: &str| part.contains('=') || (!part.is_empty() && part.parse::<LevelFilter>().is_ok());
    text.split(',').all(|part| directive(part.trim())) && EnvFilter::try_new(text).is_ok()
}

pub(super) fn client_bundle(settings: &Settings) -> ClientBundle {
    if settings.switch("socketio.serve_client") { ClientBundle::Served } else { ClientBundle::Absent }
}

pub(super) fn drain_timeout(settings: &Settings) -> anyhow::Result<Duration> {
    settings.millis("shutdown.drain_timeout_ms", 0..=DAY)
}

pub(super) fn hub(settings: &Settings) -> anyhow::Result<campanile_hub::Options> {
    Ok(campanile_hub::Options {
        ping_interval: settings.millis("socketio.ping_interval_ms", SPAN)?,
        ping_timeout: settings.millis("socketio.ping_timeout_ms", SPAN)?,
        upgrade_timeout: settings.millis("socketio.upgrade_timeout_ms", SPAN)?,
        connect_timeout: settings.millis("socketio.connect_timeout_ms", SPAN)?,
        allow_upgrades: settings.switch("socketio.allow_upgrades"),
        max_payload_bytes: settings.integer("socketio.max_payload_bytes", 1..=GIBIBYTE)?,
        poll_packets_max: settings.integer("limits.poll_packets_max", COUNT)?,
        outbox_bytes_max: settings.integer("limits.outbox_bytes_max", 1..=GIBIBYTE)?,
        rooms_per_socket_max: settings.integer("limits.rooms_per_socket_max", COUNT)?,
        namespaces_per_connection_max: settings.integer("limits.namespaces_per_connection_max", COUNT)?,
        attachments_max: settings.integer("limits.attachments_max", 1..=10_000)?,
        attachments_timeout: settings.millis("limits.attachments_timeout_ms", SPAN)?,
        json_depth_max: settings.integer("limits.json_depth_max", 1..=10_000)?,
        acks_per_socket_max: settings.integer("limits.acks_per_socket_max", COUNT)?,
        messages_per_connection: rate(settings, "limits.messages_per_connection")?,
        connections_max: settings.integer("limits.connections_max", COUNT)?,
        recovery: recovery(settings)?,
    })
}

/// Reads all keys even while recovery is off, so that a mistake doesn't wait for the day it is turned on.
fn recovery(settings: &Settings) -> anyhow::Result<Option<RecoveryOptions>> {
    let options = RecoveryOptions {
        max_disconnection: settings.millis("socketio.recovery.max_disconnection_ms", SPAN)?,
        log_bytes_max: settings.integer("socketio.recovery.log_bytes_max", 1..=1024 * GIBIBYTE)?,
        sessions_max: settings.integer("socketio.recovery.sessions_max", COUNT)?,
    };
    Ok(settings.switch("socketio.recovery.enabled").then_some(options))
}

pub(super) fn transport(settings: &Settings) -> anyhow::Result<campanile_transport::Options> {
    let transports = transports(settings)?;
    let http_threshold = settings.integer("socketio.http_compression_threshold_bytes", 0..=GIBIBYTE)?;
    let deflate_threshold = settings.integer("socketio.per_message_deflate_threshold_bytes", 0..=GIBIBYTE)?;
    Ok(campanile_transport::Options {
        shards: shards(settings)?,
        path: path(settings)?,
        polling: transports.contains(&"polling"),
        websocket: transports.contains(&"websocket"),
        http_compression_threshold_bytes: settings
            .switch("socketio.http_compression")
            .then_some(http_threshold),
        per_message_deflate_threshold_bytes: settings
            .switch("socketio.per_message_deflate")
            .then_some(deflate_threshold),
        cookie: cookie(settings)?,
        cors: cors(settings)?,
        head_timeout: settings.millis("limits.head_timeout_ms", SPAN)?,
        body_timeout: settings.millis("limits.body_timeout_ms", SPAN)?,
        head_bytes_max: settings.integer("limits.head_bytes_max", 256..=MEBIBYTE)?,
        headers_max: settings.integer("limits.headers_max", 8..=10_000)?,
        fragments_max: settings.integer("limits.fragments_max", COUNT)?,
        payload_packets_max: settings.integer("limits.payload_packets_max", COUNT)?,
        connections_per_address_max: connections_per_address_max(settings)?,
        connects_per_address: rate(settings, "limits.connects_per_address")?,
        mailbox_messages_max: settings.integer("limits.mailbox_messages_max", COUNT)?,
        accept_backlog: settings.integer("limits.accept_backlog", 1..=65_535)?,
        tls: tls::load(settings)?,
    })
}

fn connections_per_address_max(settings: &Settings) -> anyhow::Result<Option<usize>> {
    let max = settings.integer("limits.connections_per_address_max", 0..=*COUNT.end())?;
    Ok((max > 0).then_some(max))
}

/// The rate that the keys `<name>_per_s` and `<name>_burst` describe; none if it is zero.
fn rate(settings: &Settings, name: &str) -> anyhow::Result<Option<Rate>> {
    let per_s = settings.integer(&format!("{name}_per_s"), 0..=1_000_000)?;
    let burst = settings.integer(&format!("{name}_burst"), 1..=1_000_000_000)?;
    Ok((per_s > 0).then_some(Rate { per_s, burst }))
}

fn shards(settings: &Settings) -> anyhow::Result<usize> {
    Ok(match settings.integer("shards", 0..=256)? {
        0 => campanile_transport::Options::default().shards,
        shards => shards,
    })
}

/// The path is written into the landing page as well, so it is held to characters that mean nothing there.
fn path(settings: &Settings) -> anyhow::Result<String> {
    let path = settings.text("socketio.path").trim_end_matches('/');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if !path.starts_with('/') || path.contains("//") || !path.bytes().all(plain) {
        let why = "must start with \"/\", name a folder, and consist of letters, digits and -._~/";
        return Err(settings.refusal("socketio.path", why));
    }
    Ok(format!("{path}/"))
}

fn transports(settings: &Settings) -> anyhow::Result<Vec<&str>> {
    let transports: Vec<_> = settings.list("socketio.transports").iter().map(String::as_str).collect();
    if transports.is_empty() || transports.iter().any(|name| !["polling", "websocket"].contains(name)) {
        let why = "must hold \"polling\", \"websocket\", or both, and nothing else";
        return Err(settings.refusal("socketio.transports", why));
    }
    Ok(transports)
}

fn cookie(settings: &Settings) -> anyhow::Result<Option<Cookie>> {
    let sites = [("lax", Some("Lax")), ("strict", Some("Strict")), ("none", Some("None")), ("", None)];
    let cookie = Cookie {
        name: cookie_name(settings)?,
        path: cookie_path(settings)?,
        http_only: settings.switch("socketio.cookie.http_only"),
        secure: settings.switch("socketio.cookie.secure"),
        same_site: settings.choice("socketio.cookie.same_site", &sites)?.map(str::to_owned),
        max_age_s: Some(settings.integer("socketio.cookie.max_age_s", 0..=10 * 366 * 24 * 3_600)?)
            .filter(|age| *age > 0),
    };
    if cookie.same_site.as_deref() == Some("None") && !cookie.secure {
        let why = "is \"none\", which browsers accept only together with socketio.cookie.secure = true";
        return Err(settings.refusal("socketio.cookie.same_site", why));
    }
    Ok(settings.switch("socketio.cookie.enabled").then_some(cookie))
}

/// A token in the sense of RFC 9110; anything else could smuggle attributes into the header.
fn cookie_name(settings: &Settings) -> anyhow::Result<String> {
    let name = settings.text("socketio.cookie.name");
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(
            settings.refusal("socketio.cookie.name", "must be a cookie name: letters, digits, - and _")
        );
    }
    Ok(name.to_owned())
}

fn cookie_path(settings: &Settings) -> anyhow::Result<String> {
    let path = settings.text("socketio.cookie.path");
    if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';') {
        let why = "must start with \"/\" and hold neither spaces nor \";\"";
        return Err(settings.refusal("socketio.cookie.path", why));
    }
    Ok(path.to_owned())
}

fn cors(settings: &Settings) -> anyhow::Result<Cors> {
    let origins = origins(settings)?;
    let credentials = settings.switch("socketio.cors.credentials");
    if credentials && !matches!(origins, Origins::List(_)) {
        let why = "needs a list of origins in socketio.cors.origins: with \"*\" or none, any page could act for its visitors";
        return Err(settings.refusal("socketio.cors.credentials", why));
    }
    Ok(Cors { origins, credentials })
}

fn origins(settings: &Settings) -> anyhow::Result<Origins> {
    let origins = settings.list("socketio.cors.origins");
    if let Some(wrong) = origins.iter().find(|origin| *origin != "*" && !is_origin(origin)) {
        let why = format!("must hold origins such as \"https://example.org\", not {wrong:?}");
        return Err(settings.refusal("socketio.cors.origins", why));
    }
    match origins {
        [] => Ok(Origins::Unspecified),
        [any] if any == "*" => Ok(Origins::Any),
        list if list.iter().any(|origin| origin == "*") => {
            Err(settings.refusal("socketio.cors.origins", "must not mix \"*\" with other origins"))
        }
        list => Ok(Origins::List(list.to_vec())),
    }
}

/// What browsers send as `Origin`: scheme and host in lower case, no path, no trailing slash; or `null`.
fn is_origin(text: &str) -> bool {
    let authority =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b':' | b'[' | b']' | b'_');
    text == "null"
        || text.split_once("://").is_some_and(|(scheme, host)| {
            !scheme.is_empty()
                && !host.is_empty()
                && host.bytes().all(authority)
                && scheme.bytes().all(authority)
        })
}

pub(super) fn store(settings: &Settings) -> anyhow::Result<campanile_store::Options> {
    let durability = [("full", Durability::Full), ("normal", Durability::Normal)];
    Ok(campanile_store::Options {
        readers: settings.integer("store.readers", 1..=64)?,
        writes_waiting_max: settings.integer("limits.store_writes_waiting_max", COUNT)?,
        group_writes_max: settings.integer("store.group_writes_max", COUNT)?,
        durability: settings.choice("store.durability", &durability)?,
    })
}

pub(super) fn accounts(settings: &Settings) -> anyhow::Result<accounts::Options> {
    let seconds = |key| -> anyhow::Result<Duration> {
        Ok(Duration::from_secs(settings.integer::<u32>(key, 1..=10 * 366 * 24 * 3_600)?.into()))
    };
    Ok(accounts::Options {
        session_ttl: seconds("sessions.ttl_s")?,
        session_renew_after: seconds("sessions.renew_after_s")?,
        admin_session_ttl: seconds("sessions.admin_ttl_s")?,
        sessions_per_user_max: settings.integer("limits.sessions_per_user_max", COUNT)?,
        password_memory_kib: settings.integer("accounts.password_memory_kib", 8..=4_194_304)?,
        password_passes: settings.integer("accounts.password_passes", 1..=100)?,
        password_chars_min: settings.integer("limits.password_chars_min", 1..=256)?,
        password_checks_at_once: settings.integer("limits.password_checks_at_once_max", 1..=256)?,
        password_checks_waiting_max: settings.integer("limits.password_checks_waiting_max", COUNT)?,
        login_failures_per_account_max: settings.integer("limits.login_failures_per_account_max", COUNT)?,
        login_failures_per_address_max: settings.integer("limits.login_failures_per_address_max", COUNT)?,
        login_window: seconds("limits.login_window_s")?,
        apps_max: settings.integer("limits.apps_max", COUNT)?,
        keys_per_app_max: settings.integer("limits.keys_per_app_max", COUNT)?,
        globals_bytes_max: settings.integer("limits.globals_bytes_max", 2..=GIBIBYTE)?,
        requests_per_key: rate(settings, "limits.requests_per_key")?,
        clock: accounts::Options::default().clock,
    })
}

pub(super) fn push(settings: &Settings) -> anyhow::Result<PushOptions> {
    Ok(PushOptions {
        recipients_max: settings.integer("limits.push_recipients_max", COUNT)?,
        batch_max: settings.integer("limits.push_batch_max", COUNT)?,
        message_bytes_max: settings.integer("limits.push_message_bytes_max", 1..=GIBIBYTE)?,
        kept_per_app_max: settings.integer("limits.pushes_kept_per_app_max", COUNT)?,
    })
}

pub(super) fn data(settings: &Settings) -> anyhow::Result<DataOptions> {
    Ok(DataOptions {
        structures_per_app_max: settings.integer("limits.structures_per_app_max", COUNT)?,
        fields_per_structure_max: settings.integer("limits.fields_per_structure_max", COUNT)?,
        endpoints_per_app_max: settings.integer("limits.endpoints_per_app_max", COUNT)?,
        objects_per_app_max: settings.integer("limits.objects_per_app_max", COUNT)?,
        object_bytes_max: settings.integer("limits.object_bytes_max", 1..=GIBIBYTE)?,
        objects_per_request_max: settings.integer("limits.objects_per_request_max", COUNT)?,
        changes_waiting_max: settings.integer("limits.changes_waiting_max", COUNT)?,
    })
}

pub(super) fn runner(settings: &Settings) -> anyhow::Result<RunnerOptions> {
    Ok(RunnerOptions {
        scenarios_per_app_max: settings.integer("limits.scenarios_per_app_max", COUNT)?,
        versions_kept_max: settings.integer("limits.scenario_versions_kept_max", COUNT)?,
        runs_at_once_max: settings.integer("limits.runs_at_once_per_app_max", 1..=10_000)?,
        runs_open_max: settings.integer("limits.runs_open_per_app_max", COUNT)?,
        runs_kept_per_app_max: settings.integer("limits.runs_kept_per_app_max", COUNT)?,
        run_depth_max: settings.integer("limits.run_depth_max", 1..=1_000)?,
        occurrences_waiting_max: settings.integer("limits.occurrences_waiting_max", 1..=10_000_000)?,
        log_value_bytes_max: settings.integer("limits.run_log_value_bytes_max", 1..=GIBIBYTE)?,
        answer_timeout: settings.millis("scenarios.answer_timeout_ms", SPAN)?,
        requests_per_hook: rate(settings, "limits.requests_per_hook")?,
        definition: DefinitionLimits {
            bytes_max: settings.integer("limits.scenario_bytes_max", 1..=GIBIBYTE)?,
            steps_max: settings.integer("limits.scenario_steps_max", COUNT)?,
            wait_s_max: settings.integer("limits.scenario_wait_s_max", 1..=10 * 366 * DAY / SECOND)?,
            timeout_ms_max: settings.integer("limits.scenario_timeout_ms_max", SPAN)?,
            retries_max: settings.integer("limits.scenario_retries_max", 0..=1_000)?,
            // What names look like is part of the language.
            ..DefinitionLimits::default()
        },
        run: RunLimits {
            render: RenderLimits {
                fuel: settings.integer("limits.template_steps_max", COUNT)?,
                output_bytes_max: settings.integer("limits.template_bytes_max", 1..=GIBIBYTE)?,
            },
            context_bytes_max: settings.integer("limits.run_context_bytes_max", 1..=GIBIBYTE)?,
        },
    })
}

pub(super) fn traffic(settings: &Settings) -> anyhow::Result<TrafficOptions> {
    Ok(TrafficOptions {
        watchers_max: settings.integer("limits.traffic_watchers_max", 0..=1_000)?,
        flows_waiting_max: settings.integer("limits.traffic_flows_waiting_max", 1..=10_000_000)?,
    })
}

pub(super) fn admin_ui(settings: &Settings) -> anyhow::Result<Option<AdminUiOptions>> {
    let sockets_max = settings.integer("limits.admin_ui_sockets_max", 1..=100_000)?;
    let server_id = || std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let options = || AdminUiOptions { server_id: server_id().trim().to_owned(), sockets_max };
    Ok(settings.switch("socketio.admin_ui").then(options))
}

pub(super) fn pages(settings: &Settings) -> anyhow::Result<PageOptions> {
    Ok(PageOptions {
        pages_per_app_max: settings.integer("limits.pages_per_app_max", COUNT)?,
        document: DocumentLimits {
            bytes_max: settings.integer("limits.page_bytes_max", 1..=GIBIBYTE)?,
            blocks_max: settings.integer("limits.page_blocks_max", COUNT)?,
            fields_max: settings.integer("limits.page_fields_max", COUNT)?,
        },
    })
}

pub(super) fn outgoing(settings: &Settings) -> anyhow::Result<OutgoingOptions> {
    Ok(OutgoingOptions {
        enabled: settings.switch("outgoing.enabled"),
        allow_addresses: allow_addresses(settings)?,
        redirects_max: settings.integer("limits.outgoing_redirects_max", 0..=100)?,
        answer_bytes_max: settings.integer("limits.outgoing_answer_bytes_max", 1..=GIBIBYTE)?,
        answer_head_bytes_max: settings.integer("limits.outgoing_answer_head_bytes_max", 8_192..=MEBIBYTE)?,
        answer_headers_max: settings.integer("limits.outgoing_answer_headers_max", 8..=10_000)?,
        requests_at_once_max: settings.integer("limits.outgoing_requests_at_once_max", 1..=100_000)?,
        requests_waiting_max: settings.integer("limits.outgoing_requests_waiting_max", 0..=*COUNT.end())?,
    })
}

fn allow_addresses(settings: &Settings) -> anyhow::Result<Vec<IpNet>> {
    let net = |text: &String| {
        let why = || format!("must hold networks such as 10.0.0.0/8 or fd00::/8, not {text:?}");
        text.parse().map_err(|_| settings.refusal("outgoing.allow_addresses", why()))
    };
    settings.list("outgoing.allow_addresses").iter().map(net).collect()
}

pub(super) fn bridge(settings: &Settings) -> anyhow::Result<BridgeOptions> {
    let duplicates = [
        ("replace", DuplicateProvider::Replace),
        ("reject", DuplicateProvider::Reject),
        ("share", DuplicateProvider::Share),
    ];
    Ok(BridgeOptions {
        duplicate_provider: settings.choice("bridge.duplicate_provider", &duplicates)?,
        request_timeout: settings.millis("bridge.request_timeout_ms", SPAN)?,
        providers_per_socket_max: settings.integer("limits.providers_per_socket_max", COUNT)?,
        providers_max: settings.integer("limits.providers_max", COUNT)?,
        members_per_provider_max: settings.integer("limits.members_per_provider_max", COUNT)?,
        asked_providers_per_socket_max: settings.integer("limits.asked_providers_per_socket_max", COUNT)?,
        open_requests_per_socket_max: settings.integer("limits.open_requests_per_socket_max", COUNT)?,
        open_http_requests_max: settings.integer("limits.open_http_requests_max", COUNT)?,
    })
}
