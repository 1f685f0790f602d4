// @generated from `proto/` by `REGENERATE=1 cargo test --test schema`; do not edit.
//! etcd's API as static tables.

use super::types::{Enum, Kind, Message, Method, Route, field};

/// `authpb.Permission`
pub static AUTHPB_PERMISSION: Message = Message {
    name: "authpb.Permission",
    fields: &[
        field!(1, "permType", Kind::Enum(&AUTHPB_PERMISSION_TYPE)),
        field!(2, "key", Kind::Bytes),
        field!(3, "range_end", "rangeEnd", Kind::Bytes),
    ],
};

/// `authpb.UserAddOptions`
pub static AUTHPB_USER_ADD_OPTIONS: Message = Message {
    name: "authpb.UserAddOptions",
    fields: &[field!(1, "no_password", "noPassword", Kind::Bool)],
};

/// `etcdserverpb.AlarmMember`
pub static ETCDSERVERPB_ALARM_MEMBER: Message = Message {
    name: "etcdserverpb.AlarmMember",
    fields: &[
        field!(1, "memberID", Kind::Uint64),
        field!(2, "alarm", Kind::Enum(&ETCDSERVERPB_ALARM_TYPE)),
    ],
};

/// `etcdserverpb.AlarmRequest`
pub static ETCDSERVERPB_ALARM_REQUEST: Message = Message {
    name: "etcdserverpb.AlarmRequest",
    fields: &[
        field!(
            1,
            "action",
            Kind::Enum(&ETCDSERVERPB_ALARM_REQUEST_ALARM_ACTION)
        ),
        field!(2, "memberID", Kind::Uint64),
        field!(3, "alarm", Kind::Enum(&ETCDSERVERPB_ALARM_TYPE)),
    ],
};

/// `etcdserverpb.AlarmResponse`
pub static ETCDSERVERPB_ALARM_RESPONSE: Message = Message {
    name: "etcdserverpb.AlarmResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "alarms", Kind::Message(&ETCDSERVERPB_ALARM_MEMBER)).repeated(),
    ],
};

/// `etcdserverpb.AuthDisableRequest`
pub static ETCDSERVERPB_AUTH_DISABLE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthDisableRequest",
    fields: &[],
};

/// `etcdserverpb.AuthDisableResponse`
pub static ETCDSERVERPB_AUTH_DISABLE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthDisableResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthEnableRequest`
pub static ETCDSERVERPB_AUTH_ENABLE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthEnableRequest",
    fields: &[],
};

/// `etcdserverpb.AuthEnableResponse`
pub static ETCDSERVERPB_AUTH_ENABLE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthEnableResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthRoleAddRequest`
pub static ETCDSERVERPB_AUTH_ROLE_ADD_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleAddRequest",
    fields: &[field!(1, "name", Kind::String)],
};

/// `etcdserverpb.AuthRoleAddResponse`
pub static ETCDSERVERPB_AUTH_ROLE_ADD_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleAddResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthRoleDeleteRequest`
pub static ETCDSERVERPB_AUTH_ROLE_DELETE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleDeleteRequest",
    fields: &[field!(1, "role", Kind::String)],
};

/// `etcdserverpb.AuthRoleDeleteResponse`
pub static ETCDSERVERPB_AUTH_ROLE_DELETE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleDeleteResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthRoleGetRequest`
pub static ETCDSERVERPB_AUTH_ROLE_GET_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleGetRequest",
    fields: &[field!(1, "role", Kind::String)],
};

/// `etcdserverpb.AuthRoleGetResponse`
pub static ETCDSERVERPB_AUTH_ROLE_GET_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleGetResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "perm", Kind::Message(&AUTHPB_PERMISSION)).repeated(),
    ],
};

/// `etcdserverpb.AuthRoleGrantPermissionRequest`
pub static ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleGrantPermissionRequest",
    fields: &[
        field!(1, "name", Kind::String),
        field!(2, "perm", Kind::Message(&AUTHPB_PERMISSION)),
    ],
};

/// `etcdserverpb.AuthRoleGrantPermissionResponse`
pub static ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleGrantPermissionResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthRoleListRequest`
pub static ETCDSERVERPB_AUTH_ROLE_LIST_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleListRequest",
    fields: &[],
};

/// `etcdserverpb.AuthRoleListResponse`
pub static ETCDSERVERPB_AUTH_ROLE_LIST_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleListResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "roles", Kind::String).repeated(),
    ],
};

/// `etcdserverpb.AuthRoleRevokePermissionRequest`
pub static ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleRevokePermissionRequest",
    fields: &[
        field!(1, "role", Kind::String),
        field!(2, "key", Kind::Bytes),
        field!(3, "range_end", "rangeEnd", Kind::Bytes),
    ],
};

/// `etcdserverpb.AuthRoleRevokePermissionResponse`
pub static ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleRevokePermissionResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthStatusRequest`
pub static ETCDSERVERPB_AUTH_STATUS_REQUEST: Message = Message {
    name: "etcdserverpb.AuthStatusRequest",
    fields: &[],
};

/// `etcdserverpb.AuthStatusResponse`
pub static ETCDSERVERPB_AUTH_STATUS_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthStatusResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "enabled", Kind::Bool),
        field!(3, "authRevision", Kind::Uint64),
    ],
};

/// `etcdserverpb.AuthUserAddRequest`
pub static ETCDSERVERPB_AUTH_USER_ADD_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserAddRequest",
    fields: &[
        field!(1, "name", Kind::String),
        field!(2, "password", Kind::String),
        field!(3, "options", Kind::Message(&AUTHPB_USER_ADD_OPTIONS)),
        field!(4, "hashedPassword", Kind::String),
    ],
};

/// `etcdserverpb.AuthUserAddResponse`
pub static ETCDSERVERPB_AUTH_USER_ADD_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserAddResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthUserChangePasswordRequest`
pub static ETCDSERVERPB_AUTH_USER_CHANGE_PASSWORD_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserChangePasswordRequest",
    fields: &[
        field!(1, "name", Kind::String),
        field!(2, "password", Kind::String),
        field!(3, "hashedPassword", Kind::String),
    ],
};

/// `etcdserverpb.AuthUserChangePasswordResponse`
pub static ETCDSERVERPB_AUTH_USER_CHANGE_PASSWORD_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserChangePasswordResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthUserDeleteRequest`
pub static ETCDSERVERPB_AUTH_USER_DELETE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserDeleteRequest",
    fields: &[field!(1, "name", Kind::String)],
};

/// `etcdserverpb.AuthUserDeleteResponse`
pub static ETCDSERVERPB_AUTH_USER_DELETE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserDeleteResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthUserGetRequest`
pub static ETCDSERVERPB_AUTH_USER_GET_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserGetRequest",
    fields: &[field!(1, "name", Kind::String)],
};

/// `etcdserverpb.AuthUserGetResponse`
pub static ETCDSERVERPB_AUTH_USER_GET_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserGetResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "roles", Kind::String).repeated(),
    ],
};

/// `etcdserverpb.AuthUserGrantRoleRequest`
pub static ETCDSERVERPB_AUTH_USER_GRANT_ROLE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserGrantRoleRequest",
    fields: &[
        field!(1, "user", Kind::String),
        field!(2, "role", Kind::String),
    ],
};

/// `etcdserverpb.AuthUserGrantRoleResponse`
pub static ETCDSERVERPB_AUTH_USER_GRANT_ROLE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserGrantRoleResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthUserListRequest`
pub static ETCDSERVERPB_AUTH_USER_LIST_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserListRequest",
    fields: &[],
};

/// `etcdserverpb.AuthUserListResponse`
pub static ETCDSERVERPB_AUTH_USER_LIST_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserListResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "users", Kind::String).repeated(),
    ],
};

/// `etcdserverpb.AuthUserRevokeRoleRequest`
pub static ETCDSERVERPB_AUTH_USER_REVOKE_ROLE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserRevokeRoleRequest",
    fields: &[
        field!(1, "name", Kind::String),
        field!(2, "role", Kind::String),
    ],
};

/// `etcdserverpb.AuthUserRevokeRoleResponse`
pub static ETCDSERVERPB_AUTH_USER_REVOKE_ROLE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserRevokeRoleResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.AuthenticateRequest`
pub static ETCDSERVERPB_AUTHENTICATE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthenticateRequest",
    fields: &[
        field!(1, "name", Kind::String),
        field!(2, "password", Kind::String),
    ],
};

/// `etcdserverpb.AuthenticateResponse`
pub static ETCDSERVERPB_AUTHENTICATE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthenticateResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "token", Kind::String),
    ],
};

/// `etcdserverpb.CompactionRequest`
pub static ETCDSERVERPB_COMPACTION_REQUEST: Message = Message {
    name: "etcdserverpb.CompactionRequest",
    fields: &[
        field!(1, "revision", Kind::Int64),
        field!(2, "physical", Kind::Bool),
    ],
};

/// `etcdserverpb.CompactionResponse`
pub static ETCDSERVERPB_COMPACTION_RESPONSE: Message = Message {
    name: "etcdserverpb.CompactionResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.Compare`
pub static ETCDSERVERPB_COMPARE: Message = Message {
    name: "etcdserverpb.Compare",
    fields: &[
        field!(
            1,
            "result",
            Kind::Enum(&ETCDSERVERPB_COMPARE_COMPARE_RESULT)
        ),
        field!(
            2,
            "target",
            Kind::Enum(&ETCDSERVERPB_COMPARE_COMPARE_TARGET)
        ),
        field!(3, "key", Kind::Bytes),
        field!(4, "version", Kind::Int64).in_oneof(0),
        field!(5, "create_revision", "createRevision", Kind::Int64).in_oneof(0),
        field!(6, "mod_revision", "modRevision", Kind::Int64).in_oneof(0),
        field!(7, "value", Kind::Bytes).in_oneof(0),
        field!(8, "lease", Kind::Int64).in_oneof(0),
        field!(64, "range_end", "rangeEnd", Kind::Bytes),
    ],
};

/// `etcdserverpb.DefragmentRequest`
pub static ETCDSERVERPB_DEFRAGMENT_REQUEST: Message = Message {
    name: "etcdserverpb.DefragmentRequest",
    fields: &[],
};

/// `etcdserverpb.DefragmentResponse`
pub static ETCDSERVERPB_DEFRAGMENT_RESPONSE: Message = Message {
    name: "etcdserverpb.DefragmentResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.DeleteRangeRequest`
pub static ETCDSERVERPB_DELETE_RANGE_REQUEST: Message = Message {
    name: "etcdserverpb.DeleteRangeRequest",
    fields: &[
        field!(1, "key", Kind::Bytes),
        field!(2, "range_end", "rangeEnd", Kind::Bytes),
        field!(3, "prev_kv", "prevKv", Kind::Bool),
    ],
};

/// `etcdserverpb.DeleteRangeResponse`
pub static ETCDSERVERPB_DELETE_RANGE_RESPONSE: Message = Message {
    name: "etcdserverpb.DeleteRangeResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "deleted", Kind::Int64),
        field!(3, "prev_kvs", "prevKvs", Kind::Message(&MVCCPB_KEY_VALUE)).repeated(),
    ],
};

/// `etcdserverpb.DowngradeInfo`
pub static ETCDSERVERPB_DOWNGRADE_INFO: Message = Message {
    name: "etcdserverpb.DowngradeInfo",
    fields: &[
        field!(1, "enabled", Kind::Bool),
        field!(2, "targetVersion", Kind::String),
    ],
};

/// `etcdserverpb.DowngradeRequest`
pub static ETCDSERVERPB_DOWNGRADE_REQUEST: Message = Message {
    name: "etcdserverpb.DowngradeRequest",
    fields: &[
        field!(
            1,
            "action",
            Kind::Enum(&ETCDSERVERPB_DOWNGRADE_REQUEST_DOWNGRADE_ACTION)
        ),
        field!(2, "version", Kind::String),
    ],
};

/// `etcdserverpb.DowngradeResponse`
pub static ETCDSERVERPB_DOWNGRADE_RESPONSE: Message = Message {
    name: "etcdserverpb.DowngradeResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "version", Kind::String),
    ],
};

/// `etcdserverpb.HashKVRequest`
pub static ETCDSERVERPB_HASH_KV_REQUEST: Message = Message {
    name: "etcdserverpb.HashKVRequest",
    fields: &[field!(1, "revision", Kind::Int64)],
};

/// `etcdserverpb.HashKVResponse`
pub static ETCDSERVERPB_HASH_KV_RESPONSE: Message = Message {
    name: "etcdserverpb.HashKVResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "hash", Kind::Uint32),
        field!(3, "compact_revision", "compactRevision", Kind::Int64),
        field!(4, "hash_revision", "hashRevision", Kind::Int64),
    ],
};

/// `etcdserverpb.HashRequest`
pub static ETCDSERVERPB_HASH_REQUEST: Message = Message {
    name: "etcdserverpb.HashRequest",
    fields: &[],
};

/// `etcdserverpb.HashResponse`
pub static ETCDSERVERPB_HASH_RESPONSE: Message = Message {
    name: "etcdserverpb.HashResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "hash", Kind::Uint32),
    ],
};

/// `etcdserverpb.LeaseGrantRequest`
pub static ETCDSERVERPB_LEASE_GRANT_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseGrantRequest",
    fields: &[field!(1, "TTL", Kind::Int64), field!(2, "ID", Kind::Int64)],
};

/// `etcdserverpb.LeaseGrantResponse`
pub static ETCDSERVERPB_LEASE_GRANT_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseGrantResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "ID", Kind::Int64),
        field!(3, "TTL", Kind::Int64),
        field!(4, "error", Kind::String),
    ],
};

/// `etcdserverpb.LeaseKeepAliveRequest`
pub static ETCDSERVERPB_LEASE_KEEP_ALIVE_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseKeepAliveRequest",
    fields: &[field!(1, "ID", Kind::Int64)],
};

/// `etcdserverpb.LeaseKeepAliveResponse`
pub static ETCDSERVERPB_LEASE_KEEP_ALIVE_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseKeepAliveResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "ID", Kind::Int64),
        field!(3, "TTL", Kind::Int64),
    ],
};

/// `etcdserverpb.LeaseLeasesRequest`
pub static ETCDSERVERPB_LEASE_LEASES_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseLeasesRequest",
    fields: &[],
};

/// `etcdserverpb.LeaseLeasesResponse`
pub static ETCDSERVERPB_LEASE_LEASES_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseLeasesResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "leases", Kind::Message(&ETCDSERVERPB_LEASE_STATUS)).repeated(),
    ],
};

/// `etcdserverpb.LeaseRevokeRequest`
pub static ETCDSERVERPB_LEASE_REVOKE_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseRevokeRequest",
    fields: &[field!(1, "ID", Kind::Int64)],
};

/// `etcdserverpb.LeaseRevokeResponse`
pub static ETCDSERVERPB_LEASE_REVOKE_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseRevokeResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.LeaseStatus`
pub static ETCDSERVERPB_LEASE_STATUS: Message = Message {
    name: "etcdserverpb.LeaseStatus",
    fields: &[field!(1, "ID", Kind::Int64)],
};

/// `etcdserverpb.LeaseTimeToLiveRequest`
pub static ETCDSERVERPB_LEASE_TIME_TO_LIVE_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseTimeToLiveRequest",
    fields: &[field!(1, "ID", Kind::Int64), field!(2, "keys", Kind::Bool)],
};

/// `etcdserverpb.LeaseTimeToLiveResponse`
pub static ETCDSERVERPB_LEASE_TIME_TO_LIVE_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseTimeToLiveResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "ID", Kind::Int64),
        field!(3, "TTL", Kind::Int64),
        field!(4, "grantedTTL", Kind::Int64),
        field!(5, "keys", Kind::Bytes).repeated(),
    ],
};

/// `etcdserverpb.Member`
pub static ETCDSERVERPB_MEMBER: Message = Message {
    name: "etcdserverpb.Member",
    fields: &[
        field!(1, "ID", Kind::Uint64),
        field!(2, "name", Kind::String),
        field!(3, "peerURLs", Kind::String).repeated(),
        field!(4, "clientURLs", Kind::String).repeated(),
        field!(5, "isLearner", Kind::Bool),
    ],
};

/// `etcdserverpb.MemberAddRequest`
pub static ETCDSERVERPB_MEMBER_ADD_REQUEST: Message = Message {
    name: "etcdserverpb.MemberAddRequest",
    fields: &[
        field!(1, "peerURLs", Kind::String).repeated(),
        field!(2, "isLearner", Kind::Bool),
    ],
};

/// `etcdserverpb.MemberAddResponse`
pub static ETCDSERVERPB_MEMBER_ADD_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberAddResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "member", Kind::Message(&ETCDSERVERPB_MEMBER)),
        field!(3, "members", Kind::Message(&ETCDSERVERPB_MEMBER)).repeated(),
    ],
};

/// `etcdserverpb.MemberListRequest`
pub static ETCDSERVERPB_MEMBER_LIST_REQUEST: Message = Message {
    name: "etcdserverpb.MemberListRequest",
    fields: &[field!(1, "linearizable", Kind::Bool)],
};

/// `etcdserverpb.MemberListResponse`
pub static ETCDSERVERPB_MEMBER_LIST_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberListResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "members", Kind::Message(&ETCDSERVERPB_MEMBER)).repeated(),
    ],
};

/// `etcdserverpb.MemberPromoteRequest`
pub static ETCDSERVERPB_MEMBER_PROMOTE_REQUEST: Message = Message {
    name: "etcdserverpb.MemberPromoteRequest",
    fields: &[field!(1, "ID", Kind::Uint64)],
};

/// `etcdserverpb.MemberPromoteResponse`
pub static ETCDSERVERPB_MEMBER_PROMOTE_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberPromoteResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "members", Kind::Message(&ETCDSERVERPB_MEMBER)).repeated(),
    ],
};

/// `etcdserverpb.MemberRemoveRequest`
pub static ETCDSERVERPB_MEMBER_REMOVE_REQUEST: Message = Message {
    name: "etcdserverpb.MemberRemoveRequest",
    fields: &[field!(1, "ID", Kind::Uint64)],
};

/// `etcdserverpb.MemberRemoveResponse`
pub static ETCDSERVERPB_MEMBER_REMOVE_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberRemoveResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "members", Kind::Message(&ETCDSERVERPB_MEMBER)).repeated(),
    ],
};

/// `etcdserverpb.MemberUpdateRequest`
pub static ETCDSERVERPB_MEMBER_UPDATE_REQUEST: Message = Message {
    name: "etcdserverpb.MemberUpdateRequest",
    fields: &[
        field!(1, "ID", Kind::Uint64),
        field!(2, "peerURLs", Kind::String).repeated(),
    ],
};

/// `etcdserverpb.MemberUpdateResponse`
pub static ETCDSERVERPB_MEMBER_UPDATE_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberUpdateResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "members", Kind::Message(&ETCDSERVERPB_MEMBER)).repeated(),
    ],
};

/// `etcdserverpb.MoveLeaderRequest`
pub static ETCDSERVERPB_MOVE_LEADER_REQUEST: Message = Message {
    name: "etcdserverpb.MoveLeaderRequest",
    fields: &[field!(1, "targetID", Kind::Uint64)],
};

/// `etcdserverpb.MoveLeaderResponse`
pub static ETCDSERVERPB_MOVE_LEADER_RESPONSE: Message = Message {
    name: "etcdserverpb.MoveLeaderResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `etcdserverpb.PutRequest`
pub static ETCDSERVERPB_PUT_REQUEST: Message = Message {
    name: "etcdserverpb.PutRequest",
    fields: &[
        field!(1, "key", Kind::Bytes),
        field!(2, "value", Kind::Bytes),
        field!(3, "lease", Kind::Int64),
        field!(4, "prev_kv", "prevKv", Kind::Bool),
        field!(5, "ignore_value", "ignoreValue", Kind::Bool),
        field!(6, "ignore_lease", "ignoreLease", Kind::Bool),
    ],
};

/// `etcdserverpb.PutResponse`
pub static ETCDSERVERPB_PUT_RESPONSE: Message = Message {
    name: "etcdserverpb.PutResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "prev_kv", "prevKv", Kind::Message(&MVCCPB_KEY_VALUE)),
    ],
};

/// `etcdserverpb.RangeRequest`
pub static ETCDSERVERPB_RANGE_REQUEST: Message = Message {
    name: "etcdserverpb.RangeRequest",
    fields: &[
        field!(1, "key", Kind::Bytes),
        field!(2, "range_end", "rangeEnd", Kind::Bytes),
        field!(3, "limit", Kind::Int64),
        field!(4, "revision", Kind::Int64),
        field!(
            5,
            "sort_order",
            "sortOrder",
            Kind::Enum(&ETCDSERVERPB_RANGE_REQUEST_SORT_ORDER)
        ),
        field!(
            6,
            "sort_target",
            "sortTarget",
            Kind::Enum(&ETCDSERVERPB_RANGE_REQUEST_SORT_TARGET)
        ),
        field!(7, "serializable", Kind::Bool),
        field!(8, "keys_only", "keysOnly", Kind::Bool),
        field!(9, "count_only", "countOnly", Kind::Bool),
        field!(10, "min_mod_revision", "minModRevision", Kind::Int64),
        field!(11, "max_mod_revision", "maxModRevision", Kind::Int64),
        field!(12, "min_create_revision", "minCreateRevision", Kind::Int64),
        field!(13, "max_create_revision", "maxCreateRevision", Kind::Int64),
    ],
};

/// `etcdserverpb.RangeResponse`
pub static ETCDSERVERPB_RANGE_RESPONSE: Message = Message {
    name: "etcdserverpb.RangeResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "kvs", Kind::Message(&MVCCPB_KEY_VALUE)).repeated(),
        field!(3, "more", Kind::Bool),
        field!(4, "count", Kind::Int64),
    ],
};

/// `etcdserverpb.RangeStreamResponse`
pub static ETCDSERVERPB_RANGE_STREAM_RESPONSE: Message = Message {
    name: "etcdserverpb.RangeStreamResponse",
    fields: &[field!(
        1,
        "range_response",
        "rangeResponse",
        Kind::Message(&ETCDSERVERPB_RANGE_RESPONSE)
    )],
};

/// `etcdserverpb.RequestOp`
pub static ETCDSERVERPB_REQUEST_OP: Message = Message {
    name: "etcdserverpb.RequestOp",
    fields: &[
        field!(
            1,
            "request_range",
            "requestRange",
            Kind::Message(&ETCDSERVERPB_RANGE_REQUEST)
        )
        .in_oneof(0),
        field!(
            2,
            "request_put",
            "requestPut",
            Kind::Message(&ETCDSERVERPB_PUT_REQUEST)
        )
        .in_oneof(0),
        field!(
            3,
            "request_delete_range",
            "requestDeleteRange",
            Kind::Message(&ETCDSERVERPB_DELETE_RANGE_REQUEST)
        )
        .in_oneof(0),
        field!(
            4,
            "request_txn",
            "requestTxn",
            Kind::Message(&ETCDSERVERPB_TXN_REQUEST)
        )
        .in_oneof(0),
    ],
};

/// `etcdserverpb.ResponseHeader`
pub static ETCDSERVERPB_RESPONSE_HEADER: Message = Message {
    name: "etcdserverpb.ResponseHeader",
    fields: &[
        field!(1, "cluster_id", "clusterId", Kind::Uint64),
        field!(2, "member_id", "memberId", Kind::Uint64),
        field!(3, "revision", Kind::Int64),
        field!(4, "raft_term", "raftTerm", Kind::Uint64),
    ],
};

/// `etcdserverpb.ResponseOp`
pub static ETCDSERVERPB_RESPONSE_OP: Message = Message {
    name: "etcdserverpb.ResponseOp",
    fields: &[
        field!(
            1,
            "response_range",
            "responseRange",
            Kind::Message(&ETCDSERVERPB_RANGE_RESPONSE)
        )
        .in_oneof(0),
        field!(
            2,
            "response_put",
            "responsePut",
            Kind::Message(&ETCDSERVERPB_PUT_RESPONSE)
        )
        .in_oneof(0),
        field!(
            3,
            "response_delete_range",
            "responseDeleteRange",
            Kind::Message(&ETCDSERVERPB_DELETE_RANGE_RESPONSE)
        )
        .in_oneof(0),
        field!(
            4,
            "response_txn",
            "responseTxn",
            Kind::Message(&ETCDSERVERPB_TXN_RESPONSE)
        )
        .in_oneof(0),
    ],
};

/// `etcdserverpb.SnapshotRequest`
pub static ETCDSERVERPB_SNAPSHOT_REQUEST: Message = Message {
    name: "etcdserverpb.SnapshotRequest",
    fields: &[],
};

/// `etcdserverpb.SnapshotResponse`
pub static ETCDSERVERPB_SNAPSHOT_RESPONSE: Message = Message {
    name: "etcdserverpb.SnapshotResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "remaining_bytes", "remainingBytes", Kind::Uint64),
        field!(3, "blob", Kind::Bytes),
        field!(4, "version", Kind::String),
    ],
};

/// `etcdserverpb.StatusRequest`
pub static ETCDSERVERPB_STATUS_REQUEST: Message = Message {
    name: "etcdserverpb.StatusRequest",
    fields: &[],
};

/// `etcdserverpb.StatusResponse`
pub static ETCDSERVERPB_STATUS_RESPONSE: Message = Message {
    name: "etcdserverpb.StatusResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "version", Kind::String),
        field!(3, "dbSize", Kind::Int64),
        field!(4, "leader", Kind::Uint64),
        field!(5, "raftIndex", Kind::Uint64),
        field!(6, "raftTerm", Kind::Uint64),
        field!(7, "raftAppliedIndex", Kind::Uint64),
        field!(8, "errors", Kind::String).repeated(),
        field!(9, "dbSizeInUse", Kind::Int64),
        field!(10, "isLearner", Kind::Bool),
        field!(11, "storageVersion", Kind::String),
        field!(12, "dbSizeQuota", Kind::Int64),
        field!(
            13,
            "downgradeInfo",
            Kind::Message(&ETCDSERVERPB_DOWNGRADE_INFO)
        ),
    ],
};

/// `etcdserverpb.TxnRequest`
pub static ETCDSERVERPB_TXN_REQUEST: Message = Message {
    name: "etcdserverpb.TxnRequest",
    fields: &[
        field!(1, "compare", Kind::Message(&ETCDSERVERPB_COMPARE)).repeated(),
        field!(2, "success", Kind::Message(&ETCDSERVERPB_REQUEST_OP)).repeated(),
        field!(3, "failure", Kind::Message(&ETCDSERVERPB_REQUEST_OP)).repeated(),
    ],
};

/// `etcdserverpb.TxnResponse`
pub static ETCDSERVERPB_TXN_RESPONSE: Message = Message {
    name: "etcdserverpb.TxnResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "succeeded", Kind::Bool),
        field!(3, "responses", Kind::Message(&ETCDSERVERPB_RESPONSE_OP)).repeated(),
    ],
};

/// `etcdserverpb.WatchCancelRequest`
pub static ETCDSERVERPB_WATCH_CANCEL_REQUEST: Message = Message {
    name: "etcdserverpb.WatchCancelRequest",
    fields: &[field!(1, "watch_id", "watchId", Kind::Int64)],
};

/// `etcdserverpb.WatchCreateRequest`
pub static ETCDSERVERPB_WATCH_CREATE_REQUEST: Message = Message {
    name: "etcdserverpb.WatchCreateRequest",
    fields: &[
        field!(1, "key", Kind::Bytes),
        field!(2, "range_end", "rangeEnd", Kind::Bytes),
        field!(3, "start_revision", "startRevision", Kind::Int64),
        field!(4, "progress_notify", "progressNotify", Kind::Bool),
        field!(
            5,
            "filters",
            Kind::Enum(&ETCDSERVERPB_WATCH_CREATE_REQUEST_FILTER_TYPE)
        )
        .repeated(),
        field!(6, "prev_kv", "prevKv", Kind::Bool),
        field!(7, "watch_id", "watchId", Kind::Int64),
        field!(8, "fragment", Kind::Bool),
    ],
};

/// `etcdserverpb.WatchProgressRequest`
pub static ETCDSERVERPB_WATCH_PROGRESS_REQUEST: Message = Message {
    name: "etcdserverpb.WatchProgressRequest",
    fields: &[],
};

/// `etcdserverpb.WatchRequest`
pub static ETCDSERVERPB_WATCH_REQUEST: Message = Message {
    name: "etcdserverpb.WatchRequest",
    fields: &[
        field!(
            1,
            "create_request",
            "createRequest",
            Kind::Message(&ETCDSERVERPB_WATCH_CREATE_REQUEST)
        )
        .in_oneof(0),
        field!(
            2,
            "cancel_request",
            "cancelRequest",
            Kind::Message(&ETCDSERVERPB_WATCH_CANCEL_REQUEST)
        )
        .in_oneof(0),
        field!(
            3,
            "progress_request",
            "progressRequest",
            Kind::Message(&ETCDSERVERPB_WATCH_PROGRESS_REQUEST)
        )
        .in_oneof(0),
    ],
};

/// `etcdserverpb.WatchResponse`
pub static ETCDSERVERPB_WATCH_RESPONSE: Message = Message {
    name: "etcdserverpb.WatchResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "watch_id", "watchId", Kind::Int64),
        field!(3, "created", Kind::Bool),
        field!(4, "canceled", Kind::Bool),
        field!(5, "compact_revision", "compactRevision", Kind::Int64),
        field!(6, "cancel_reason", "cancelReason", Kind::String),
        field!(7, "fragment", Kind::Bool),
        field!(11, "events", Kind::Message(&MVCCPB_EVENT)).repeated(),
    ],
};

/// `mvccpb.Event`
pub static MVCCPB_EVENT: Message = Message {
    name: "mvccpb.Event",
    fields: &[
        field!(1, "type", Kind::Enum(&MVCCPB_EVENT_EVENT_TYPE)),
        field!(2, "kv", Kind::Message(&MVCCPB_KEY_VALUE)),
        field!(3, "prev_kv", "prevKv", Kind::Message(&MVCCPB_KEY_VALUE)),
    ],
};

/// `mvccpb.KeyValue`
pub static MVCCPB_KEY_VALUE: Message = Message {
    name: "mvccpb.KeyValue",
    fields: &[
        field!(1, "key", Kind::Bytes),
        field!(2, "create_revision", "createRevision", Kind::Int64),
        field!(3, "mod_revision", "modRevision", Kind::Int64),
        field!(4, "version", Kind::Int64),
        field!(5, "value", Kind::Bytes),
        field!(6, "lease", Kind::Int64),
    ],
};

/// `v3electionpb.CampaignRequest`
pub static V3ELECTIONPB_CAMPAIGN_REQUEST: Message = Message {
    name: "v3electionpb.CampaignRequest",
    fields: &[
        field!(1, "name", Kind::Bytes),
        field!(2, "lease", Kind::Int64),
        field!(3, "value", Kind::Bytes),
    ],
};

/// `v3electionpb.CampaignResponse`
pub static V3ELECTIONPB_CAMPAIGN_RESPONSE: Message = Message {
    name: "v3electionpb.CampaignResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "leader", Kind::Message(&V3ELECTIONPB_LEADER_KEY)),
    ],
};

/// `v3electionpb.LeaderKey`
pub static V3ELECTIONPB_LEADER_KEY: Message = Message {
    name: "v3electionpb.LeaderKey",
    fields: &[
        field!(1, "name", Kind::Bytes),
        field!(2, "key", Kind::Bytes),
        field!(3, "rev", Kind::Int64),
        field!(4, "lease", Kind::Int64),
    ],
};

/// `v3electionpb.LeaderRequest`
pub static V3ELECTIONPB_LEADER_REQUEST: Message = Message {
    name: "v3electionpb.LeaderRequest",
    fields: &[field!(1, "name", Kind::Bytes)],
};

/// `v3electionpb.LeaderResponse`
pub static V3ELECTIONPB_LEADER_RESPONSE: Message = Message {
    name: "v3electionpb.LeaderResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "kv", Kind::Message(&MVCCPB_KEY_VALUE)),
    ],
};

/// `v3electionpb.ProclaimRequest`
pub static V3ELECTIONPB_PROCLAIM_REQUEST: Message = Message {
    name: "v3electionpb.ProclaimRequest",
    fields: &[
        field!(1, "leader", Kind::Message(&V3ELECTIONPB_LEADER_KEY)),
        field!(2, "value", Kind::Bytes),
    ],
};

/// `v3electionpb.ProclaimResponse`
pub static V3ELECTIONPB_PROCLAIM_RESPONSE: Message = Message {
    name: "v3electionpb.ProclaimResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `v3electionpb.ResignRequest`
pub static V3ELECTIONPB_RESIGN_REQUEST: Message = Message {
    name: "v3electionpb.ResignRequest",
    fields: &[field!(1, "leader", Kind::Message(&V3ELECTIONPB_LEADER_KEY))],
};

/// `v3electionpb.ResignResponse`
pub static V3ELECTIONPB_RESIGN_RESPONSE: Message = Message {
    name: "v3electionpb.ResignResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `v3lockpb.LockRequest`
pub static V3LOCKPB_LOCK_REQUEST: Message = Message {
    name: "v3lockpb.LockRequest",
    fields: &[
        field!(1, "name", Kind::Bytes),
        field!(2, "lease", Kind::Int64),
    ],
};

/// `v3lockpb.LockResponse`
pub static V3LOCKPB_LOCK_RESPONSE: Message = Message {
    name: "v3lockpb.LockResponse",
    fields: &[
        field!(1, "header", Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)),
        field!(2, "key", Kind::Bytes),
    ],
};

/// `v3lockpb.UnlockRequest`
pub static V3LOCKPB_UNLOCK_REQUEST: Message = Message {
    name: "v3lockpb.UnlockRequest",
    fields: &[field!(1, "key", Kind::Bytes)],
};

/// `v3lockpb.UnlockResponse`
pub static V3LOCKPB_UNLOCK_RESPONSE: Message = Message {
    name: "v3lockpb.UnlockResponse",
    fields: &[field!(
        1,
        "header",
        Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER)
    )],
};

/// `authpb.Permission.Type`
pub static AUTHPB_PERMISSION_TYPE: Enum = Enum {
    name: "authpb.Permission.Type",
    values: &[(0, "READ"), (1, "WRITE"), (2, "READWRITE")],
};

/// `etcdserverpb.AlarmRequest.AlarmAction`
pub static ETCDSERVERPB_ALARM_REQUEST_ALARM_ACTION: Enum = Enum {
    name: "etcdserverpb.AlarmRequest.AlarmAction",
    values: &[(0, "GET"), (1, "ACTIVATE"), (2, "DEACTIVATE")],
};

/// `etcdserverpb.AlarmType`
pub static ETCDSERVERPB_ALARM_TYPE: Enum = Enum {
    name: "etcdserverpb.AlarmType",
    values: &[(0, "NONE"), (1, "NOSPACE"), (2, "CORRUPT")],
};

/// `etcdserverpb.Compare.CompareResult`
pub static ETCDSERVERPB_COMPARE_COMPARE_RESULT: Enum = Enum {
    name: "etcdserverpb.Compare.CompareResult",
    values: &[(0, "EQUAL"), (1, "GREATER"), (2, "LESS"), (3, "NOT_EQUAL")],
};

/// `etcdserverpb.Compare.CompareTarget`
pub static ETCDSERVERPB_COMPARE_COMPARE_TARGET: Enum = Enum {
    name: "etcdserverpb.Compare.CompareTarget",
    values: &[
        (0, "VERSION"),
        (1, "CREATE"),
        (2, "MOD"),
        (3, "VALUE"),
        (4, "LEASE"),
    ],
};

/// `etcdserverpb.DowngradeRequest.DowngradeAction`
pub static ETCDSERVERPB_DOWNGRADE_REQUEST_DOWNGRADE_ACTION: Enum = Enum {
    name: "etcdserverpb.DowngradeRequest.DowngradeAction",
    values: &[(0, "VALIDATE"), (1, "ENABLE"), (2, "CANCEL")],
};

/// `etcdserverpb.RangeRequest.SortOrder`
pub static ETCDSERVERPB_RANGE_REQUEST_SORT_ORDER: Enum = Enum {
    name: "etcdserverpb.RangeRequest.SortOrder",
    values: &[(0, "NONE"), (1, "ASCEND"), (2, "DESCEND")],
};

/// `etcdserverpb.RangeRequest.SortTarget`
pub static ETCDSERVERPB_RANGE_REQUEST_SORT_TARGET: Enum = Enum {
    name: "etcdserverpb.RangeRequest.SortTarget",
    values: &[
        (0, "KEY"),
        (1, "VERSION"),
        (2, "CREATE"),
        (3, "MOD"),
        (4, "VALUE"),
    ],
};

/// `etcdserverpb.WatchCreateRequest.FilterType`
pub static ETCDSERVERPB_WATCH_CREATE_REQUEST_FILTER_TYPE: Enum = Enum {
    name: "etcdserverpb.WatchCreateRequest.FilterType",
    values: &[(0, "NOPUT"), (1, "NODELETE")],
};

/// `mvccpb.Event.EventType`
pub static MVCCPB_EVENT_EVENT_TYPE: Enum = Enum {
    name: "mvccpb.Event.EventType",
    values: &[(0, "PUT"), (1, "DELETE")],
};

/// `etcdserverpb.Auth.AuthEnable`
pub static AUTH_AUTH_ENABLE: Method = Method::unary(
    "/etcdserverpb.Auth/AuthEnable",
    &ETCDSERVERPB_AUTH_ENABLE_REQUEST,
    &ETCDSERVERPB_AUTH_ENABLE_RESPONSE,
);

/// `etcdserverpb.Auth.AuthDisable`
pub static AUTH_AUTH_DISABLE: Method = Method::unary(
    "/etcdserverpb.Auth/AuthDisable",
    &ETCDSERVERPB_AUTH_DISABLE_REQUEST,
    &ETCDSERVERPB_AUTH_DISABLE_RESPONSE,
);

/// `etcdserverpb.Auth.AuthStatus`
pub static AUTH_AUTH_STATUS: Method = Method::unary(
    "/etcdserverpb.Auth/AuthStatus",
    &ETCDSERVERPB_AUTH_STATUS_REQUEST,
    &ETCDSERVERPB_AUTH_STATUS_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Auth.Authenticate`
pub static AUTH_AUTHENTICATE: Method = Method::unary(
    "/etcdserverpb.Auth/Authenticate",
    &ETCDSERVERPB_AUTHENTICATE_REQUEST,
    &ETCDSERVERPB_AUTHENTICATE_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Auth.UserAdd`
pub static AUTH_USER_ADD: Method = Method::unary(
    "/etcdserverpb.Auth/UserAdd",
    &ETCDSERVERPB_AUTH_USER_ADD_REQUEST,
    &ETCDSERVERPB_AUTH_USER_ADD_RESPONSE,
);

/// `etcdserverpb.Auth.UserGet`
pub static AUTH_USER_GET: Method = Method::unary(
    "/etcdserverpb.Auth/UserGet",
    &ETCDSERVERPB_AUTH_USER_GET_REQUEST,
    &ETCDSERVERPB_AUTH_USER_GET_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Auth.UserList`
pub static AUTH_USER_LIST: Method = Method::unary(
    "/etcdserverpb.Auth/UserList",
    &ETCDSERVERPB_AUTH_USER_LIST_REQUEST,
    &ETCDSERVERPB_AUTH_USER_LIST_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Auth.UserDelete`
pub static AUTH_USER_DELETE: Method = Method::unary(
    "/etcdserverpb.Auth/UserDelete",
    &ETCDSERVERPB_AUTH_USER_DELETE_REQUEST,
    &ETCDSERVERPB_AUTH_USER_DELETE_RESPONSE,
);

/// `etcdserverpb.Auth.UserChangePassword`
pub static AUTH_USER_CHANGE_PASSWORD: Method = Method::unary(
    "/etcdserverpb.Auth/UserChangePassword",
    &ETCDSERVERPB_AUTH_USER_CHANGE_PASSWORD_REQUEST,
    &ETCDSERVERPB_AUTH_USER_CHANGE_PASSWORD_RESPONSE,
);

/// `etcdserverpb.Auth.UserGrantRole`
pub static AUTH_USER_GRANT_ROLE: Method = Method::unary(
    "/etcdserverpb.Auth/UserGrantRole",
    &ETCDSERVERPB_AUTH_USER_GRANT_ROLE_REQUEST,
    &ETCDSERVERPB_AUTH_USER_GRANT_ROLE_RESPONSE,
);

/// `etcdserverpb.Auth.UserRevokeRole`
pub static AUTH_USER_REVOKE_ROLE: Method = Method::unary(
    "/etcdserverpb.Auth/UserRevokeRole",
    &ETCDSERVERPB_AUTH_USER_REVOKE_ROLE_REQUEST,
    &ETCDSERVERPB_AUTH_USER_REVOKE_ROLE_RESPONSE,
);

/// `etcdserverpb.Auth.RoleAdd`
pub static AUTH_ROLE_ADD: Method = Method::unary(
    "/etcdserverpb.Auth/RoleAdd",
    &ETCDSERVERPB_AUTH_ROLE_ADD_REQUEST,
    &ETCDSERVERPB_AUTH_ROLE_ADD_RESPONSE,
);

/// `etcdserverpb.Auth.RoleGet`
pub static AUTH_ROLE_GET: Method = Method::unary(
    "/etcdserverpb.Auth/RoleGet",
    &ETCDSERVERPB_AUTH_ROLE_GET_REQUEST,
    &ETCDSERVERPB_AUTH_ROLE_GET_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Auth.RoleList`
pub static AUTH_ROLE_LIST: Method = Method::unary(
    "/etcdserverpb.Auth/RoleList",
    &ETCDSERVERPB_AUTH_ROLE_LIST_REQUEST,
    &ETCDSERVERPB_AUTH_ROLE_LIST_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Auth.RoleDelete`
pub static AUTH_ROLE_DELETE: Method = Method::unary(
    "/etcdserverpb.Auth/RoleDelete",
    &ETCDSERVERPB_AUTH_ROLE_DELETE_REQUEST,
    &ETCDSERVERPB_AUTH_ROLE_DELETE_RESPONSE,
);

/// `etcdserverpb.Auth.RoleGrantPermission`
pub static AUTH_ROLE_GRANT_PERMISSION: Method = Method::unary(
    "/etcdserverpb.Auth/RoleGrantPermission",
    &ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_REQUEST,
    &ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_RESPONSE,
);

/// `etcdserverpb.Auth.RoleRevokePermission`
pub static AUTH_ROLE_REVOKE_PERMISSION: Method = Method::unary(
    "/etcdserverpb.Auth/RoleRevokePermission",
    &ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_REQUEST,
    &ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_RESPONSE,
);

/// `etcdserverpb.Cluster.MemberAdd`
pub static CLUSTER_MEMBER_ADD: Method = Method::unary(
    "/etcdserverpb.Cluster/MemberAdd",
    &ETCDSERVERPB_MEMBER_ADD_REQUEST,
    &ETCDSERVERPB_MEMBER_ADD_RESPONSE,
);

/// `etcdserverpb.Cluster.MemberRemove`
pub static CLUSTER_MEMBER_REMOVE: Method = Method::unary(
    "/etcdserverpb.Cluster/MemberRemove",
    &ETCDSERVERPB_MEMBER_REMOVE_REQUEST,
    &ETCDSERVERPB_MEMBER_REMOVE_RESPONSE,
);

/// `etcdserverpb.Cluster.MemberUpdate`
pub static CLUSTER_MEMBER_UPDATE: Method = Method::unary(
    "/etcdserverpb.Cluster/MemberUpdate",
    &ETCDSERVERPB_MEMBER_UPDATE_REQUEST,
    &ETCDSERVERPB_MEMBER_UPDATE_RESPONSE,
);

/// `etcdserverpb.Cluster.MemberList`
pub static CLUSTER_MEMBER_LIST: Method = Method::unary(
    "/etcdserverpb.Cluster/MemberList",
    &ETCDSERVERPB_MEMBER_LIST_REQUEST,
    &ETCDSERVERPB_MEMBER_LIST_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Cluster.MemberPromote`
pub static CLUSTER_MEMBER_PROMOTE: Method = Method::unary(
    "/etcdserverpb.Cluster/MemberPromote",
    &ETCDSERVERPB_MEMBER_PROMOTE_REQUEST,
    &ETCDSERVERPB_MEMBER_PROMOTE_RESPONSE,
);

/// `etcdserverpb.KV.Range`
pub static KV_RANGE: Method = Method::unary(
    "/etcdserverpb.KV/Range",
    &ETCDSERVERPB_RANGE_REQUEST,
    &ETCDSERVERPB_RANGE_RESPONSE,
)
.idempotent();

/// `etcdserverpb.KV.RangeStream`
pub static KV_RANGE_STREAM: Method = Method::unary(
    "/etcdserverpb.KV/RangeStream",
    &ETCDSERVERPB_RANGE_REQUEST,
    &ETCDSERVERPB_RANGE_STREAM_RESPONSE,
)
.server_streaming()
.idempotent();

/// `etcdserverpb.KV.Put`
pub static KV_PUT: Method = Method::unary(
    "/etcdserverpb.KV/Put",
    &ETCDSERVERPB_PUT_REQUEST,
    &ETCDSERVERPB_PUT_RESPONSE,
);

/// `etcdserverpb.KV.DeleteRange`
pub static KV_DELETE_RANGE: Method = Method::unary(
    "/etcdserverpb.KV/DeleteRange",
    &ETCDSERVERPB_DELETE_RANGE_REQUEST,
    &ETCDSERVERPB_DELETE_RANGE_RESPONSE,
);

/// `etcdserverpb.KV.Txn`
pub static KV_TXN: Method = Method::unary(
    "/etcdserverpb.KV/Txn",
    &ETCDSERVERPB_TXN_REQUEST,
    &ETCDSERVERPB_TXN_RESPONSE,
);

/// `etcdserverpb.KV.Compact`
pub static KV_COMPACT: Method = Method::unary(
    "/etcdserverpb.KV/Compact",
    &ETCDSERVERPB_COMPACTION_REQUEST,
    &ETCDSERVERPB_COMPACTION_RESPONSE,
);

/// `etcdserverpb.Lease.LeaseGrant`
pub static LEASE_LEASE_GRANT: Method = Method::unary(
    "/etcdserverpb.Lease/LeaseGrant",
    &ETCDSERVERPB_LEASE_GRANT_REQUEST,
    &ETCDSERVERPB_LEASE_GRANT_RESPONSE,
);

/// `etcdserverpb.Lease.LeaseRevoke`
pub static LEASE_LEASE_REVOKE: Method = Method::unary(
    "/etcdserverpb.Lease/LeaseRevoke",
    &ETCDSERVERPB_LEASE_REVOKE_REQUEST,
    &ETCDSERVERPB_LEASE_REVOKE_RESPONSE,
);

/// `etcdserverpb.Lease.LeaseKeepAlive`
pub static LEASE_LEASE_KEEP_ALIVE: Method = Method::unary(
    "/etcdserverpb.Lease/LeaseKeepAlive",
    &ETCDSERVERPB_LEASE_KEEP_ALIVE_REQUEST,
    &ETCDSERVERPB_LEASE_KEEP_ALIVE_RESPONSE,
)
.client_streaming()
.server_streaming();

/// `etcdserverpb.Lease.LeaseTimeToLive`
pub static LEASE_LEASE_TIME_TO_LIVE: Method = Method::unary(
    "/etcdserverpb.Lease/LeaseTimeToLive",
    &ETCDSERVERPB_LEASE_TIME_TO_LIVE_REQUEST,
    &ETCDSERVERPB_LEASE_TIME_TO_LIVE_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Lease.LeaseLeases`
pub static LEASE_LEASE_LEASES: Method = Method::unary(
    "/etcdserverpb.Lease/LeaseLeases",
    &ETCDSERVERPB_LEASE_LEASES_REQUEST,
    &ETCDSERVERPB_LEASE_LEASES_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Maintenance.Alarm`
pub static MAINTENANCE_ALARM: Method = Method::unary(
    "/etcdserverpb.Maintenance/Alarm",
    &ETCDSERVERPB_ALARM_REQUEST,
    &ETCDSERVERPB_ALARM_RESPONSE,
);

/// `etcdserverpb.Maintenance.Status`
pub static MAINTENANCE_STATUS: Method = Method::unary(
    "/etcdserverpb.Maintenance/Status",
    &ETCDSERVERPB_STATUS_REQUEST,
    &ETCDSERVERPB_STATUS_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Maintenance.Defragment`
pub static MAINTENANCE_DEFRAGMENT: Method = Method::unary(
    "/etcdserverpb.Maintenance/Defragment",
    &ETCDSERVERPB_DEFRAGMENT_REQUEST,
    &ETCDSERVERPB_DEFRAGMENT_RESPONSE,
);

/// `etcdserverpb.Maintenance.Hash`
pub static MAINTENANCE_HASH: Method = Method::unary(
    "/etcdserverpb.Maintenance/Hash",
    &ETCDSERVERPB_HASH_REQUEST,
    &ETCDSERVERPB_HASH_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Maintenance.HashKV`
pub static MAINTENANCE_HASH_KV: Method = Method::unary(
    "/etcdserverpb.Maintenance/HashKV",
    &ETCDSERVERPB_HASH_KV_REQUEST,
    &ETCDSERVERPB_HASH_KV_RESPONSE,
)
.idempotent();

/// `etcdserverpb.Maintenance.Snapshot`
pub static MAINTENANCE_SNAPSHOT: Method = Method::unary(
    "/etcdserverpb.Maintenance/Snapshot",
    &ETCDSERVERPB_SNAPSHOT_REQUEST,
    &ETCDSERVERPB_SNAPSHOT_RESPONSE,
)
.server_streaming();

/// `etcdserverpb.Maintenance.MoveLeader`
pub static MAINTENANCE_MOVE_LEADER: Method = Method::unary(
    "/etcdserverpb.Maintenance/MoveLeader",
    &ETCDSERVERPB_MOVE_LEADER_REQUEST,
    &ETCDSERVERPB_MOVE_LEADER_RESPONSE,
);

/// `etcdserverpb.Maintenance.Downgrade`
pub static MAINTENANCE_DOWNGRADE: Method = Method::unary(
    "/etcdserverpb.Maintenance/Downgrade",
    &ETCDSERVERPB_DOWNGRADE_REQUEST,
    &ETCDSERVERPB_DOWNGRADE_RESPONSE,
);

/// `etcdserverpb.Watch.Watch`
pub static WATCH_WATCH: Method = Method::unary(
    "/etcdserverpb.Watch/Watch",
    &ETCDSERVERPB_WATCH_REQUEST,
    &ETCDSERVERPB_WATCH_RESPONSE,
)
.client_streaming()
.server_streaming();

/// `v3electionpb.Election.Campaign`
pub static ELECTION_CAMPAIGN: Method = Method::unary(
    "/v3electionpb.Election/Campaign",
    &V3ELECTIONPB_CAMPAIGN_REQUEST,
    &V3ELECTIONPB_CAMPAIGN_RESPONSE,
);

/// `v3electionpb.Election.Proclaim`
pub static ELECTION_PROCLAIM: Method = Method::unary(
    "/v3electionpb.Election/Proclaim",
    &V3ELECTIONPB_PROCLAIM_REQUEST,
    &V3ELECTIONPB_PROCLAIM_RESPONSE,
);

/// `v3electionpb.Election.Leader`
pub static ELECTION_LEADER: Method = Method::unary(
    "/v3electionpb.Election/Leader",
    &V3ELECTIONPB_LEADER_REQUEST,
    &V3ELECTIONPB_LEADER_RESPONSE,
)
.idempotent();

/// `v3electionpb.Election.Observe`
pub static ELECTION_OBSERVE: Method = Method::unary(
    "/v3electionpb.Election/Observe",
    &V3ELECTIONPB_LEADER_REQUEST,
    &V3ELECTIONPB_LEADER_RESPONSE,
)
.server_streaming();

/// `v3electionpb.Election.Resign`
pub static ELECTION_RESIGN: Method = Method::unary(
    "/v3electionpb.Election/Resign",
    &V3ELECTIONPB_RESIGN_REQUEST,
    &V3ELECTIONPB_RESIGN_RESPONSE,
);

/// `v3lockpb.Lock.Lock`
pub static LOCK_LOCK: Method = Method::unary(
    "/v3lockpb.Lock/Lock",
    &V3LOCKPB_LOCK_REQUEST,
    &V3LOCKPB_LOCK_RESPONSE,
);

/// `v3lockpb.Lock.Unlock`
pub static LOCK_UNLOCK: Method = Method::unary(
    "/v3lockpb.Lock/Unlock",
    &V3LOCKPB_UNLOCK_REQUEST,
    &V3LOCKPB_UNLOCK_RESPONSE,
);

/// Every route, sorted by path.
pub static ROUTES: &[Route] = &[
    Route::new("/auth/authenticate", &AUTH_AUTHENTICATE),
    Route::new("/auth/disable", &AUTH_AUTH_DISABLE),
    Route::new("/auth/enable", &AUTH_AUTH_ENABLE),
    Route::new("/auth/role/add", &AUTH_ROLE_ADD),
    Route::new("/auth/role/delete", &AUTH_ROLE_DELETE),
    Route::new("/auth/role/get", &AUTH_ROLE_GET),
    Route::new("/auth/role/grant", &AUTH_ROLE_GRANT_PERMISSION),
    Route::new("/auth/role/list", &AUTH_ROLE_LIST),
    Route::new("/auth/role/revoke", &AUTH_ROLE_REVOKE_PERMISSION),
    Route::new("/auth/status", &AUTH_AUTH_STATUS),
    Route::new("/auth/user/add", &AUTH_USER_ADD),
    Route::new("/auth/user/changepw", &AUTH_USER_CHANGE_PASSWORD),
    Route::new("/auth/user/delete", &AUTH_USER_DELETE),
    Route::new("/auth/user/get", &AUTH_USER_GET),
    Route::new("/auth/user/grant", &AUTH_USER_GRANT_ROLE),
    Route::new("/auth/user/list", &AUTH_USER_LIST),
    Route::new("/auth/user/revoke", &AUTH_USER_REVOKE_ROLE),
    Route::new("/cluster/member/add", &CLUSTER_MEMBER_ADD),
    Route::new("/cluster/member/list", &CLUSTER_MEMBER_LIST),
    Route::new("/cluster/member/promote", &CLUSTER_MEMBER_PROMOTE),
    Route::new("/cluster/member/remove", &CLUSTER_MEMBER_REMOVE),
    Route::new("/cluster/member/update", &CLUSTER_MEMBER_UPDATE),
    Route::new("/election/campaign", &ELECTION_CAMPAIGN),
    Route::new("/election/leader", &ELECTION_LEADER),
    Route::new("/election/observe", &ELECTION_OBSERVE),
    Route::new("/election/proclaim", &ELECTION_PROCLAIM),
    Route::new("/election/resign", &ELECTION_RESIGN),
    Route::new("/kv/compaction", &KV_COMPACT),
    Route::new("/kv/deleterange", &KV_DELETE_RANGE),
    Route::new("/kv/lease/leases", &LEASE_LEASE_LEASES),
    Route::new("/kv/lease/revoke", &LEASE_LEASE_REVOKE),
    Route::new("/kv/lease/timetolive", &LEASE_LEASE_TIME_TO_LIVE),
    Route::new("/kv/put", &KV_PUT),
    Route::new("/kv/range", &KV_RANGE),
    Route::new("/kv/rangestream", &KV_RANGE_STREAM),
    Route::new("/kv/txn", &KV_TXN),
    Route::new("/lease/grant", &LEASE_LEASE_GRANT),
    Route::new("/lease/keepalive", &LEASE_LEASE_KEEP_ALIVE),
    Route::new("/lease/leases", &LEASE_LEASE_LEASES),
    Route::new("/lease/revoke", &LEASE_LEASE_REVOKE),
    Route::new("/lease/timetolive", &LEASE_LEASE_TIME_TO_LIVE),
    Route::new("/lock/lock", &LOCK_LOCK),
    Route::new("/lock/unlock", &LOCK_UNLOCK),
    Route::new("/maintenance/alarm", &MAINTENANCE_ALARM),
    Route::new("/maintenance/defragment", &MAINTENANCE_DEFRAGMENT),
    Route::new("/maintenance/downgrade", &MAINTENANCE_DOWNGRADE),
    Route::new("/maintenance/hash", &MAINTENANCE_HASH),
    Route::new("/maintenance/hashkv", &MAINTENANCE_HASH_KV),
    Route::new("/maintenance/snapshot", &MAINTENANCE_SNAPSHOT),
    Route::new("/maintenance/status", &MAINTENANCE_STATUS),
    Route::new("/maintenance/transfer-leadership", &MAINTENANCE_MOVE_LEADER),
    Route::new("/watch", &WATCH_WATCH),
];
