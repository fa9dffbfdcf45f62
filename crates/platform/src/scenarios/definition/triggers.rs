//! What starts a scenario.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::scenarios::{schedule::Schedule, schema::FieldName};

/// What starts a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// An object was created.
    ObjectCreated {
        /// Of this structure.
        #[schema(value_type = FieldName)]
        structure: String,
    },
    /// An object was really changed.
    ObjectChanged {
        /// Of this structure.
        #[schema(value_type = FieldName)]
        structure: String,
        /// In one of these fields; without any, in any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schema(value_type = Vec<FieldName>)]
        fields: Vec<String>,
    },
    /// An object was deleted.
    ObjectDeleted {
        /// Of this structure.
        #[schema(value_type = FieldName)]
        structure: String,
    },
    /// Time has come.
    Schedule(Schedule),
    /// Only another scenario.
    Scenario {},
    /// An object was sent to an endpoint, whose caller waits for the scenario.
    Endpoint {
        /// `structure/method`.
        endpoint: String,
    },
    /// Its address was called.
    Webhook {},
    /// A client emitted an event.
    SocketEvent {
        /// The event's name.
        event_name: String,
    },
    /// The first socket of a user connected.
    UserOnline {},
    /// The last socket of a user is gone.
    UserOffline {},
    /// A provider came.
    ProviderOnline {
        /// This one; without it, any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider_id: Option<String>,
    },
    /// A provider is gone.
    ProviderOffline {
        /// This one; without it, any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider_id: Option<String>,
    },
    /// A provider told its followers something.
    ProviderBroadcast {
        /// This one; without it, any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provider_id: Option<String>,
    },
}

impl Trigger {
    /// Its kind, as documents write it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ObjectCreated { .. } => "object_created",
            Self::ObjectChanged { .. } => "object_changed",
            Self::ObjectDeleted { .. } => "object_deleted",
            Self::Schedule(_) => "schedule",
            Self::Scenario {} => "scenario",
            Self::Endpoint { .. } => "endpoint",
            Self::Webhook {} => "webhook",
            Self::SocketEvent { .. } => "socket_event",
            Self::UserOnline {} => "user_online",
            Self::UserOffline {} => "user_offline",
            Self::ProviderOnline { .. } => "provider_online",
            Self::ProviderOffline { .. } => "provider_offline",
            Self::ProviderBroadcast { .. } => "provider_broadcast",
        }
    }

    /// What it has to happen to; empty for anything.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::ObjectCreated { structure: subject }
            | Self::ObjectChanged { structure: subject, .. }
            | Self::ObjectDeleted { structure: subject }
            | Self::Endpoint { endpoint: subject }
            | Self::SocketEvent { event_name: subject } => subject,
            Self::ProviderOnline { provider_id }
            | Self::ProviderOffline { provider_id }
            | Self::ProviderBroadcast { provider_id } => provider_id.as_deref().unwrap_or_default(),
            Self::Schedule(_)
            | Self::Scenario {}
            | Self::Webhook {}
            | Self::UserOnline {}
            | Self::UserOffline {} => "",
        }
    }

    /// The structure of the object that it comes with.
    #[must_use]
    pub fn structure(&self) -> Option<&str> {
        match self {
            Self::ObjectCreated { structure }
            | Self::ObjectChanged { structure, .. }
            | Self::ObjectDeleted { structure } => Some(structure),
            Self::Endpoint { endpoint } => endpoint.split_once('/').map(|(structure, _)| structure),
            _ => None,
        }
    }
}
