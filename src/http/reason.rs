//! Why the gateway answers in its own words: one of a fixed set, as logs and metrics name it.

/// Why a reply, or the error line of a stream, is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Reason {
    /// Nothing went wrong.
    Answer,
    /// etcd has ended the call with this error.
    Etcd,
    /// A page of a foreign origin has sent the request.
    Origin,
    /// The path is no route.
    NoRoute,
    /// The path cannot be read.
    BadPath,
    /// The route does not have the HTTP method.
    HttpMethod,
    /// The client does not keep to the protocol of its WebSocket, or cannot have one.
    WebSocket,
    /// A header cannot be read.
    BadHeader,
    /// The head is too large.
    HeadTooLarge,
    /// The client's deadline had passed before the call began.
    Late,
    /// The call needs a body.
    NoBody,
    /// The body needs a length.
    NoLength,
    /// The body or the query string is no message of the method.
    BadJson,
    /// The request is too large.
    TooLarge,
    /// The worker holds as much as it may.
    Full,
    /// The rest of the request has not come in time.
    Overdue,
    /// Native gRPC is not served.
    NativeGrpc,
    /// A policy of the configuration forbids it.
    Policy,
    /// The client's deadline has passed.
    Deadline,
    /// The proxy has answered in the upstream's place.
    Proxy,
    /// The upstream does not speak gRPC.
    NotGrpc,
    /// The upstream's answer is gRPC and cannot be read.
    BrokenAnswer,
    /// The answer is too large to be held.
    AnswerTooLarge,
    /// The upstream was lost before it had ended its answer.
    Lost,
    /// The proxy does not let the filter go on.
    Host,
}

/// Whose part it is to do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nobody's, or it is between the client and etcd.
    Neither,
    /// The gateway has refused what the client sent.
    Refused,
    /// Something behind the filter has failed.
    Failed,
}

/// All of them, with their names in logs and metrics.
pub const REASONS: &[(Reason, &str, Side)] = &[
    (Reason::Answer, "answer", Side::Neither),
    (Reason::Etcd, "etcd", Side::Neither),
    (Reason::Origin, "origin", Side::Refused),
    (Reason::NoRoute, "no_route", Side::Refused),
    (Reason::BadPath, "bad_path", Side::Refused),
    (Reason::HttpMethod, "http_method", Side::Refused),
    (Reason::WebSocket, "web_socket", Side::Refused),
    (Reason::BadHeader, "bad_header", Side::Refused),
    (Reason::HeadTooLarge, "head_too_large", Side::Refused),
    (Reason::Late, "late", Side::Refused),
    (Reason::NoBody, "no_body", Side::Refused),
    (Reason::NoLength, "no_length", Side::Refused),
    (Reason::BadJson, "bad_json", Side::Refused),
    (Reason::TooLarge, "too_large", Side::Refused),
    (Reason::Full, "full", Side::Refused),
    (Reason::Overdue, "overdue", Side::Refused),
    (Reason::NativeGrpc, "native_grpc", Side::Refused),
    (Reason::Policy, "policy", Side::Refused),
    (Reason::Deadline, "deadline", Side::Failed),
    (Reason::Proxy, "proxy", Side::Failed),
    (Reason::NotGrpc, "not_grpc", Side::Failed),
    (Reason::BrokenAnswer, "broken_answer", Side::Failed),
    (Reason::AnswerTooLarge, "answer_too_large", Side::Failed),
    (Reason::Lost, "lost", Side::Failed),
    (Reason::Host, "host", Side::Failed),
];

impl Reason {
    fn row(self) -> (&'static str, Side) {
        let row = REASONS.iter().find(|(reason, ..)| *reason == self);
        row.map_or(("unknown", Side::Neither), |(_, name, side)| (name, *side))
    }

    /// Its name in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Whose part it is to do something about it.
    #[must_use]
    pub fn side(self) -> Side {
        self.row().1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_for_users_has_every_reason() {
        let doc = include_str!("../../docs/observability.md");
        let table = doc.split("<!-- reasons -->").nth(1).unwrap();
        let table = table.split("<!-- /reasons -->").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        let columns = |line: &str| -> Vec<String> {
            let columns = line.split('|').skip(1).take(2);
            columns.map(|column| column.trim().to_owned()).collect()
        };
        let rows: Vec<_> = rows.map(columns).collect();
        let known = REASONS.iter().map(|(_, name, side)| {
            let side = match side {
                Side::Neither => "",
                Side::Refused => "refused",
                Side::Failed => "failed",
            };
            vec![format!("`{name}`"), side.to_owned()]
        });
        assert_eq!(rows, known.collect::<Vec<_>>());
    }

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        for (index, (reason, name, _)) in REASONS.iter().enumerate() {
            assert_eq!(*reason as usize, index, "{name}: in the order of the enum");
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(name.bytes().all(plain), "{name}");
            let others = REASONS.iter().filter(|(_, other, _)| other == name);
            assert_eq!(others.count(), 1, "{name}");
        }
        assert_eq!(Reason::Host as usize + 1, REASONS.len(), "the last");
    }
}
