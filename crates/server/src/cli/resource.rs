//! Paths and queries of the API, with whatever the operator typed in them percent-encoded.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What RFC 3986 calls unreserved stays as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a request is about.
#[derive(Clone, Debug)]
pub(super) struct Resource(String);

impl Resource {
    /// The resource at a path below `/api/v1`.
    pub(super) fn at<const N: usize>(segments: [&str; N]) -> Self {
        let escaped = segments.map(|segment| utf8_percent_encode(segment, ESCAPED).to_string());
        Self(format!("/api/v1/{}", escaped.join("/")))
    }

    /// The resource with a parameter, if that has a value.
    pub(super) fn with(mut self, name: &str, value: Option<impl fmt::Display>) -> Self {
        if let Some(value) = value {
            let separator = if self.0.contains('?') { '&' } else { '?' };
            let value = value.to_string();
            self.0 += &format!("{separator}{name}={}", utf8_percent_encode(&value, ESCAPED));
        }
        self
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Resource;

    #[test]
    fn what_was_typed_stays_one_segment() {
        let user = Resource::at(["apps", "demo", "users", "a/b?c=d#e é%2F"]);
        assert_eq!(user.to_string(), "/api/v1/apps/demo/users/a%2Fb%3Fc%3Dd%23e%20%C3%A9%252F");
    }

    #[test]
    fn parameters_without_a_value_are_left_out() {
        let users = Resource::at(["apps", "demo", "users"]);
        let users = users.with("role", None::<&str>).with("starts_with", Some("a&b")).with("limit", Some(5));
        assert_eq!(users.to_string(), "/api/v1/apps/demo/users?starts_with=a%26b&limit=5");
    }
}
