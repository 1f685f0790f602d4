//! What the endpoints ask etcd for, and what of its answers they tell.

/// What of `etcdserverpb.StatusResponse` is told.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StatusResponse {
    #[prost(string, tag = "2")]
    pub(super) version: String,
    #[prost(string, tag = "11")]
    pub(super) storage_version: String,
}

/// What of `etcdserverpb.AlarmResponse` is told.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AlarmResponse {
    #[prost(message, repeated, tag = "2")]
    pub(super) alarms: Vec<AlarmMember>,
}

/// `etcdserverpb.AlarmMember`
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AlarmMember {
    #[prost(int32, tag = "2")]
    pub(super) alarm: i32,
}

/// The part of `etcdserverpb.RangeRequest` that a probe needs.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RangeRequest {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) key: Vec<u8>,
    #[prost(int64, tag = "3")]
    pub(super) limit: i64,
    #[prost(bool, tag = "7")]
    pub(super) serializable: bool,
    #[prost(bool, tag = "8")]
    pub(super) keys_only: bool,
}
