//! The series that the filter counts, and what they are called.
//!
//! A name carries its labels as Istio writes them, `NAMElabel=.=value;.;`, which Envoy's `stats_tags` take out again.
//! Nothing stands before the first label, for Istio's tags take out the labels alone. Every value comes from a table:
//! no client can make a series.

use super::abi::MetricType;
use crate::grpc::Code;
use crate::http::{Reason, Side};
use crate::schema::Method;

/// What all names begin with.
const PREFIX: &str = "etcd_json_gateway_";

/// The largest of gRPC's codes.
const MAX_CODE: u32 = 16;

/// How a stream has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Its client has left.
    Client,
    /// As etcd ended it.
    Server,
    /// With an error that its client was told.
    Error,
    /// Cut off, without a word to its client.
    Cut,
}

/// What bytes are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Format {
    /// Bodies from and to clients.
    Json,
    /// Frames to and from etcd.
    Grpc,
}

/// Which way they go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Direction {
    /// To etcd.
    Request,
    /// To the client.
    Response,
}

/// Something that is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Series {
    /// JSON calls that have ended, streams among them.
    Calls(&'static Method, Code),
    /// What the gateway itself has refused, or what has failed behind it.
    Reason(Reason),
    /// Streams that have begun.
    Opened(&'static Method),
    /// Streams that are over.
    Closed(&'static Method, End),
    /// Bytes.
    Bytes(Format, Direction),
    /// Microseconds of unary calls from the request's message to etcd's status.
    CallTime(&'static Method),
    /// Microseconds of unary calls in the module.
    Time,
    /// The version that runs.
    Info,
}

/// What a series is found by.
pub(super) type Key = (u8, usize, u8);

impl Series {
    pub(super) fn key(self) -> Key {
        // There is one of each method.
        let address = |method: &'static Method| std::ptr::from_ref(method).addr();
        match self {
            Self::Calls(method, code) => (0, address(method), known(code)),
            Self::Reason(reason) => (1, 0, reason as u8),
            Self::Opened(method) => (2, address(method), 0),
            Self::Closed(method, end) => (3, address(method), end as u8),
            Self::Bytes(format, direction) => (4, format as usize, direction as u8),
            Self::Time => (5, 0, 0),
            Self::Info => (6, 0, 0),
            Self::CallTime(method) => (7, address(method), 0),
        }
    }

    pub(super) fn kind(self) -> MetricType {
        match self {
            Self::Time | Self::CallTime(_) => MetricType::Histogram,
            Self::Info => MetricType::Gauge,
            _ => MetricType::Counter,
        }
    }

    /// What the host calls it.
    pub(super) fn name(self) -> String {
        let mut code = itoa::Buffer::new();
        match self {
            Self::Calls(method, status) => {
                let code = code.format(known(status));
                name("calls_total", &[("method", &short(method)), ("code", code)])
            }
            Self::Reason(reason) => {
                let of = match reason.side() {
                    Side::Failed => "failed_total",
                    Side::Neither | Side::Refused => "refused_total",
                };
                name(of, &[("reason", reason.name())])
            }
            Self::Opened(method) => name("streams_opened_total", &[("method", &short(method))]),
            Self::Closed(method, end) => {
                let end = match end {
                    End::Client => "client",
                    End::Server => "server",
                    End::Error => "error",
                    End::Cut => "cut",
                };
                let method = short(method);
                name("streams_closed_total", &[("method", &method), ("end", end)])
            }
            Self::Bytes(format, direction) => {
                let of = match format {
                    Format::Json => "json_bytes_total",
                    Format::Grpc => "grpc_bytes_total",
                };
                let direction = match direction {
                    Direction::Request => "request",
                    Direction::Response => "response",
                };
                name(of, &[("direction", direction)])
            }
            Self::CallTime(method) => name("call_microseconds", &[("method", &short(method))]),
            Self::Time => name("module_microseconds", &[]),
            Self::Info => name("info", &[("gateway_version", env!("CARGO_PKG_VERSION"))]),
        }
    }
}

fn name(name: &str, labels: &[(&str, &str)]) -> String {
    let mut full = PREFIX.to_owned();
    full.push_str(name);
    for (label, value) in labels {
        for part in [label, "=.=", value, ";.;"] {
            full.push_str(part);
        }
    }
    full
}

/// A code as a label; what gRPC does not have is UNKNOWN.
fn known(code: Code) -> u8 {
    let Code(number) = if code.0 > MAX_CODE {
        Code::UNKNOWN
    } else {
        code
    };
    u8::try_from(number).unwrap_or_default()
}

/// A method as a label: `KV.Range` of `/etcdserverpb.KV/Range`.
fn short(method: &Method) -> String {
    let (_, name) = method.path.split_once('.').unwrap_or_default();
    name.replace('/', ".")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::http::REASONS;
    use crate::schema::tables::{KV_RANGE, ROUTES, WATCH_WATCH};

    #[test]
    fn labels_are_written_as_istio_writes_them() {
        let name = Series::Calls(&KV_RANGE, Code::OK).name();
        let expected = "etcd_json_gateway_calls_totalmethod=.=KV.Range;.;code=.=0;.;";
        assert_eq!(name, expected);
        let name = Series::Closed(&WATCH_WATCH, End::Cut).name();
        let expected = "etcd_json_gateway_streams_closed_totalmethod=.=Watch.Watch;.;end=.=cut;.;";
        assert_eq!(name, expected);
        let name = Series::Reason(Reason::BadJson).name();
        assert_eq!(name, "etcd_json_gateway_refused_totalreason=.=bad_json;.;");
        let name = Series::Reason(Reason::Lost).name();
        assert_eq!(name, "etcd_json_gateway_failed_totalreason=.=lost;.;");
    }

    #[test]
    fn an_upstream_s_own_codes_make_no_series() {
        let unknown = Series::Calls(&KV_RANGE, Code::UNKNOWN);
        for code in [17, 255, 256, u32::MAX] {
            let series = Series::Calls(&KV_RANGE, Code(code));
            assert_eq!(
                (series.key(), series.name()),
                (unknown.key(), unknown.name())
            );
        }
    }

    /// All there can be.
    fn all() -> Vec<Series> {
        let mut all = vec![Series::Time, Series::Info];
        let mut methods = BTreeSet::new();
        let routes = ROUTES.iter();
        for method in routes
            .map(|route| route.method)
            .filter(|m| methods.insert(m.path))
        {
            all.extend((0..40).map(|code| Series::Calls(method, Code(code))));
            all.extend([Series::Opened(method), Series::CallTime(method)]);
            let ends = [End::Client, End::Server, End::Error, End::Cut];
            all.extend(ends.map(|end| Series::Closed(method, end)));
        }
        all.extend(REASONS.iter().map(|(reason, ..)| Series::Reason(*reason)));
        for format in [Format::Json, Format::Grpc] {
            let directions = [Direction::Request, Direction::Response];
            all.extend(directions.map(|direction| Series::Bytes(format, direction)));
        }
        all
    }

    /// Name and labels of a series.
    fn row(series: Series) -> String {
        let full = series.name();
        let mut parts = full.split(";.;").filter(|part| !part.is_empty());
        let mut labels = Vec::new();
        let mut name = String::new();
        for part in parts.by_ref() {
            let before = part.split("=.=").next().unwrap();
            // The first begins with the name.
            let known = [
                "method",
                "code",
                "reason",
                "end",
                "direction",
                "gateway_version",
            ];
            let label = known
                .iter()
                .find(|label| part.contains("=.=") && before.ends_with(**label));
            let rest = before
                .strip_suffix(label.map_or("", |label| label))
                .unwrap();
            if labels.is_empty() {
                name = rest.to_owned();
            }
            labels.extend(label.map(|label| format!("`{label}`")));
        }
        format!("| `{name}` | {} |", labels.join(", ")).replace("|  |", "| |")
    }

    #[test]
    fn the_table_for_users_has_every_metric_with_its_labels() {
        let doc = include_str!("../../docs/observability.md");
        let table = doc.split("<!-- metrics -->").nth(1).unwrap();
        let table = table.split("<!-- /metrics -->").next().unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        let rows: BTreeSet<String> = rows
            .map(|line| line.splitn(4, '|').take(3).collect::<Vec<_>>().join("|") + "|")
            .collect();
        let known: BTreeSet<String> = all().into_iter().map(row).collect();
        assert_eq!(rows, known);
    }

    #[test]
    fn every_series_has_a_key_and_a_name_of_its_own_and_there_are_not_many() {
        let keys: BTreeSet<Key> = all().into_iter().map(Series::key).collect();
        let names: BTreeSet<String> = all().into_iter().map(Series::name).collect();
        assert_eq!(keys.len(), names.len());
        assert!(names.len() < 1200, "{}", names.len());
    }
}
