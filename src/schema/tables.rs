// @generated from `proto/` by `REGENERATE=1 cargo test --test schema`; do not edit.
//! etcd's API as static tables.

use super::{Enum, Field, Kind, Message, Method, Route, block};

/// `authpb.Permission`
pub static AUTHPB_PERMISSION: Message = Message {
    name: "authpb.Permission",
    fields: &[
        Field {
            number: 1,
            name: "permType",
            name_block: &block("permType"),
            json_name: "permType",
            kind: Kind::Enum(&AUTHPB_PERMISSION_TYPE),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "range_end",
            name_block: &block("range_end"),
            json_name: "rangeEnd",
            kind: Kind::Bytes,
            plain_tag: 26,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `authpb.UserAddOptions`
pub static AUTHPB_USER_ADD_OPTIONS: Message = Message {
    name: "authpb.UserAddOptions",
    fields: &[Field {
        number: 1,
        name: "no_password",
        name_block: &block("no_password"),
        json_name: "noPassword",
        kind: Kind::Bool,
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AlarmMember`
pub static ETCDSERVERPB_ALARM_MEMBER: Message = Message {
    name: "etcdserverpb.AlarmMember",
    fields: &[
        Field {
            number: 1,
            name: "memberID",
            name_block: &block("memberID"),
            json_name: "memberID",
            kind: Kind::Uint64,
            plain_tag: 8,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "alarm",
            name_block: &block("alarm"),
            json_name: "alarm",
            kind: Kind::Enum(&ETCDSERVERPB_ALARM_TYPE),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AlarmRequest`
pub static ETCDSERVERPB_ALARM_REQUEST: Message = Message {
    name: "etcdserverpb.AlarmRequest",
    fields: &[
        Field {
            number: 1,
            name: "action",
            name_block: &block("action"),
            json_name: "action",
            kind: Kind::Enum(&ETCDSERVERPB_ALARM_REQUEST_ALARM_ACTION),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "memberID",
            name_block: &block("memberID"),
            json_name: "memberID",
            kind: Kind::Uint64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "alarm",
            name_block: &block("alarm"),
            json_name: "alarm",
            kind: Kind::Enum(&ETCDSERVERPB_ALARM_TYPE),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AlarmResponse`
pub static ETCDSERVERPB_ALARM_RESPONSE: Message = Message {
    name: "etcdserverpb.AlarmResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "alarms",
            name_block: &block("alarms"),
            json_name: "alarms",
            kind: Kind::Message(&ETCDSERVERPB_ALARM_MEMBER),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthDisableRequest`
pub static ETCDSERVERPB_AUTH_DISABLE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthDisableRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.AuthDisableResponse`
pub static ETCDSERVERPB_AUTH_DISABLE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthDisableResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthEnableRequest`
pub static ETCDSERVERPB_AUTH_ENABLE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthEnableRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.AuthEnableResponse`
pub static ETCDSERVERPB_AUTH_ENABLE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthEnableResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleAddRequest`
pub static ETCDSERVERPB_AUTH_ROLE_ADD_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleAddRequest",
    fields: &[Field {
        number: 1,
        name: "name",
        name_block: &block("name"),
        json_name: "name",
        kind: Kind::String,
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleAddResponse`
pub static ETCDSERVERPB_AUTH_ROLE_ADD_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleAddResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleDeleteRequest`
pub static ETCDSERVERPB_AUTH_ROLE_DELETE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleDeleteRequest",
    fields: &[Field {
        number: 1,
        name: "role",
        name_block: &block("role"),
        json_name: "role",
        kind: Kind::String,
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleDeleteResponse`
pub static ETCDSERVERPB_AUTH_ROLE_DELETE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleDeleteResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleGetRequest`
pub static ETCDSERVERPB_AUTH_ROLE_GET_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleGetRequest",
    fields: &[Field {
        number: 1,
        name: "role",
        name_block: &block("role"),
        json_name: "role",
        kind: Kind::String,
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleGetResponse`
pub static ETCDSERVERPB_AUTH_ROLE_GET_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleGetResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "perm",
            name_block: &block("perm"),
            json_name: "perm",
            kind: Kind::Message(&AUTHPB_PERMISSION),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleGrantPermissionRequest`
pub static ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleGrantPermissionRequest",
    fields: &[
        Field {
            number: 1,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "perm",
            name_block: &block("perm"),
            json_name: "perm",
            kind: Kind::Message(&AUTHPB_PERMISSION),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleGrantPermissionResponse`
pub static ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleGrantPermissionResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleListRequest`
pub static ETCDSERVERPB_AUTH_ROLE_LIST_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleListRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleListResponse`
pub static ETCDSERVERPB_AUTH_ROLE_LIST_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleListResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "roles",
            name_block: &block("roles"),
            json_name: "roles",
            kind: Kind::String,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleRevokePermissionRequest`
pub static ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_REQUEST: Message = Message {
    name: "etcdserverpb.AuthRoleRevokePermissionRequest",
    fields: &[
        Field {
            number: 1,
            name: "role",
            name_block: &block("role"),
            json_name: "role",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "range_end",
            name_block: &block("range_end"),
            json_name: "rangeEnd",
            kind: Kind::Bytes,
            plain_tag: 26,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthRoleRevokePermissionResponse`
pub static ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthRoleRevokePermissionResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthStatusRequest`
pub static ETCDSERVERPB_AUTH_STATUS_REQUEST: Message = Message {
    name: "etcdserverpb.AuthStatusRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.AuthStatusResponse`
pub static ETCDSERVERPB_AUTH_STATUS_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthStatusResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "enabled",
            name_block: &block("enabled"),
            json_name: "enabled",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "authRevision",
            name_block: &block("authRevision"),
            json_name: "authRevision",
            kind: Kind::Uint64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserAddRequest`
pub static ETCDSERVERPB_AUTH_USER_ADD_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserAddRequest",
    fields: &[
        Field {
            number: 1,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "password",
            name_block: &block("password"),
            json_name: "password",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "options",
            name_block: &block("options"),
            json_name: "options",
            kind: Kind::Message(&AUTHPB_USER_ADD_OPTIONS),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "hashedPassword",
            name_block: &block("hashedPassword"),
            json_name: "hashedPassword",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserAddResponse`
pub static ETCDSERVERPB_AUTH_USER_ADD_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserAddResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserChangePasswordRequest`
pub static ETCDSERVERPB_AUTH_USER_CHANGE_PASSWORD_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserChangePasswordRequest",
    fields: &[
        Field {
            number: 1,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "password",
            name_block: &block("password"),
            json_name: "password",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "hashedPassword",
            name_block: &block("hashedPassword"),
            json_name: "hashedPassword",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserChangePasswordResponse`
pub static ETCDSERVERPB_AUTH_USER_CHANGE_PASSWORD_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserChangePasswordResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserDeleteRequest`
pub static ETCDSERVERPB_AUTH_USER_DELETE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserDeleteRequest",
    fields: &[Field {
        number: 1,
        name: "name",
        name_block: &block("name"),
        json_name: "name",
        kind: Kind::String,
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserDeleteResponse`
pub static ETCDSERVERPB_AUTH_USER_DELETE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserDeleteResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserGetRequest`
pub static ETCDSERVERPB_AUTH_USER_GET_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserGetRequest",
    fields: &[Field {
        number: 1,
        name: "name",
        name_block: &block("name"),
        json_name: "name",
        kind: Kind::String,
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserGetResponse`
pub static ETCDSERVERPB_AUTH_USER_GET_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserGetResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "roles",
            name_block: &block("roles"),
            json_name: "roles",
            kind: Kind::String,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserGrantRoleRequest`
pub static ETCDSERVERPB_AUTH_USER_GRANT_ROLE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserGrantRoleRequest",
    fields: &[
        Field {
            number: 1,
            name: "user",
            name_block: &block("user"),
            json_name: "user",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "role",
            name_block: &block("role"),
            json_name: "role",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserGrantRoleResponse`
pub static ETCDSERVERPB_AUTH_USER_GRANT_ROLE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserGrantRoleResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserListRequest`
pub static ETCDSERVERPB_AUTH_USER_LIST_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserListRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserListResponse`
pub static ETCDSERVERPB_AUTH_USER_LIST_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserListResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "users",
            name_block: &block("users"),
            json_name: "users",
            kind: Kind::String,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserRevokeRoleRequest`
pub static ETCDSERVERPB_AUTH_USER_REVOKE_ROLE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthUserRevokeRoleRequest",
    fields: &[
        Field {
            number: 1,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "role",
            name_block: &block("role"),
            json_name: "role",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthUserRevokeRoleResponse`
pub static ETCDSERVERPB_AUTH_USER_REVOKE_ROLE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthUserRevokeRoleResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.AuthenticateRequest`
pub static ETCDSERVERPB_AUTHENTICATE_REQUEST: Message = Message {
    name: "etcdserverpb.AuthenticateRequest",
    fields: &[
        Field {
            number: 1,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "password",
            name_block: &block("password"),
            json_name: "password",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.AuthenticateResponse`
pub static ETCDSERVERPB_AUTHENTICATE_RESPONSE: Message = Message {
    name: "etcdserverpb.AuthenticateResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "token",
            name_block: &block("token"),
            json_name: "token",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.CompactionRequest`
pub static ETCDSERVERPB_COMPACTION_REQUEST: Message = Message {
    name: "etcdserverpb.CompactionRequest",
    fields: &[
        Field {
            number: 1,
            name: "revision",
            name_block: &block("revision"),
            json_name: "revision",
            kind: Kind::Int64,
            plain_tag: 8,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "physical",
            name_block: &block("physical"),
            json_name: "physical",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.CompactionResponse`
pub static ETCDSERVERPB_COMPACTION_RESPONSE: Message = Message {
    name: "etcdserverpb.CompactionResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.Compare`
pub static ETCDSERVERPB_COMPARE: Message = Message {
    name: "etcdserverpb.Compare",
    fields: &[
        Field {
            number: 1,
            name: "result",
            name_block: &block("result"),
            json_name: "result",
            kind: Kind::Enum(&ETCDSERVERPB_COMPARE_COMPARE_RESULT),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "target",
            name_block: &block("target"),
            json_name: "target",
            kind: Kind::Enum(&ETCDSERVERPB_COMPARE_COMPARE_TARGET),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 26,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "version",
            name_block: &block("version"),
            json_name: "version",
            kind: Kind::Int64,
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 5,
            name: "create_revision",
            name_block: &block("create_revision"),
            json_name: "createRevision",
            kind: Kind::Int64,
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 6,
            name: "mod_revision",
            name_block: &block("mod_revision"),
            json_name: "modRevision",
            kind: Kind::Int64,
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 7,
            name: "value",
            name_block: &block("value"),
            json_name: "value",
            kind: Kind::Bytes,
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 8,
            name: "lease",
            name_block: &block("lease"),
            json_name: "lease",
            kind: Kind::Int64,
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 64,
            name: "range_end",
            name_block: &block("range_end"),
            json_name: "rangeEnd",
            kind: Kind::Bytes,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 1,
};

/// `etcdserverpb.DefragmentRequest`
pub static ETCDSERVERPB_DEFRAGMENT_REQUEST: Message = Message {
    name: "etcdserverpb.DefragmentRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.DefragmentResponse`
pub static ETCDSERVERPB_DEFRAGMENT_RESPONSE: Message = Message {
    name: "etcdserverpb.DefragmentResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.DeleteRangeRequest`
pub static ETCDSERVERPB_DELETE_RANGE_REQUEST: Message = Message {
    name: "etcdserverpb.DeleteRangeRequest",
    fields: &[
        Field {
            number: 1,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 10,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "range_end",
            name_block: &block("range_end"),
            json_name: "rangeEnd",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "prev_kv",
            name_block: &block("prev_kv"),
            json_name: "prevKv",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.DeleteRangeResponse`
pub static ETCDSERVERPB_DELETE_RANGE_RESPONSE: Message = Message {
    name: "etcdserverpb.DeleteRangeResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "deleted",
            name_block: &block("deleted"),
            json_name: "deleted",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "prev_kvs",
            name_block: &block("prev_kvs"),
            json_name: "prevKvs",
            kind: Kind::Message(&MVCCPB_KEY_VALUE),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.DowngradeInfo`
pub static ETCDSERVERPB_DOWNGRADE_INFO: Message = Message {
    name: "etcdserverpb.DowngradeInfo",
    fields: &[
        Field {
            number: 1,
            name: "enabled",
            name_block: &block("enabled"),
            json_name: "enabled",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "targetVersion",
            name_block: &block("targetVersion"),
            json_name: "targetVersion",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.DowngradeRequest`
pub static ETCDSERVERPB_DOWNGRADE_REQUEST: Message = Message {
    name: "etcdserverpb.DowngradeRequest",
    fields: &[
        Field {
            number: 1,
            name: "action",
            name_block: &block("action"),
            json_name: "action",
            kind: Kind::Enum(&ETCDSERVERPB_DOWNGRADE_REQUEST_DOWNGRADE_ACTION),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "version",
            name_block: &block("version"),
            json_name: "version",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.DowngradeResponse`
pub static ETCDSERVERPB_DOWNGRADE_RESPONSE: Message = Message {
    name: "etcdserverpb.DowngradeResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "version",
            name_block: &block("version"),
            json_name: "version",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.HashKVRequest`
pub static ETCDSERVERPB_HASH_KV_REQUEST: Message = Message {
    name: "etcdserverpb.HashKVRequest",
    fields: &[Field {
        number: 1,
        name: "revision",
        name_block: &block("revision"),
        json_name: "revision",
        kind: Kind::Int64,
        plain_tag: 8,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.HashKVResponse`
pub static ETCDSERVERPB_HASH_KV_RESPONSE: Message = Message {
    name: "etcdserverpb.HashKVResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "hash",
            name_block: &block("hash"),
            json_name: "hash",
            kind: Kind::Uint32,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "compact_revision",
            name_block: &block("compact_revision"),
            json_name: "compactRevision",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "hash_revision",
            name_block: &block("hash_revision"),
            json_name: "hashRevision",
            kind: Kind::Int64,
            plain_tag: 32,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.HashRequest`
pub static ETCDSERVERPB_HASH_REQUEST: Message = Message {
    name: "etcdserverpb.HashRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.HashResponse`
pub static ETCDSERVERPB_HASH_RESPONSE: Message = Message {
    name: "etcdserverpb.HashResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "hash",
            name_block: &block("hash"),
            json_name: "hash",
            kind: Kind::Uint32,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.LeaseGrantRequest`
pub static ETCDSERVERPB_LEASE_GRANT_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseGrantRequest",
    fields: &[
        Field {
            number: 1,
            name: "TTL",
            name_block: &block("TTL"),
            json_name: "TTL",
            kind: Kind::Int64,
            plain_tag: 8,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "ID",
            name_block: &block("ID"),
            json_name: "ID",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.LeaseGrantResponse`
pub static ETCDSERVERPB_LEASE_GRANT_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseGrantResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "ID",
            name_block: &block("ID"),
            json_name: "ID",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "TTL",
            name_block: &block("TTL"),
            json_name: "TTL",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "error",
            name_block: &block("error"),
            json_name: "error",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.LeaseKeepAliveRequest`
pub static ETCDSERVERPB_LEASE_KEEP_ALIVE_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseKeepAliveRequest",
    fields: &[Field {
        number: 1,
        name: "ID",
        name_block: &block("ID"),
        json_name: "ID",
        kind: Kind::Int64,
        plain_tag: 8,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.LeaseKeepAliveResponse`
pub static ETCDSERVERPB_LEASE_KEEP_ALIVE_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseKeepAliveResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "ID",
            name_block: &block("ID"),
            json_name: "ID",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "TTL",
            name_block: &block("TTL"),
            json_name: "TTL",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.LeaseLeasesRequest`
pub static ETCDSERVERPB_LEASE_LEASES_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseLeasesRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.LeaseLeasesResponse`
pub static ETCDSERVERPB_LEASE_LEASES_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseLeasesResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "leases",
            name_block: &block("leases"),
            json_name: "leases",
            kind: Kind::Message(&ETCDSERVERPB_LEASE_STATUS),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.LeaseRevokeRequest`
pub static ETCDSERVERPB_LEASE_REVOKE_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseRevokeRequest",
    fields: &[Field {
        number: 1,
        name: "ID",
        name_block: &block("ID"),
        json_name: "ID",
        kind: Kind::Int64,
        plain_tag: 8,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.LeaseRevokeResponse`
pub static ETCDSERVERPB_LEASE_REVOKE_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseRevokeResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.LeaseStatus`
pub static ETCDSERVERPB_LEASE_STATUS: Message = Message {
    name: "etcdserverpb.LeaseStatus",
    fields: &[Field {
        number: 1,
        name: "ID",
        name_block: &block("ID"),
        json_name: "ID",
        kind: Kind::Int64,
        plain_tag: 8,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.LeaseTimeToLiveRequest`
pub static ETCDSERVERPB_LEASE_TIME_TO_LIVE_REQUEST: Message = Message {
    name: "etcdserverpb.LeaseTimeToLiveRequest",
    fields: &[
        Field {
            number: 1,
            name: "ID",
            name_block: &block("ID"),
            json_name: "ID",
            kind: Kind::Int64,
            plain_tag: 8,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "keys",
            name_block: &block("keys"),
            json_name: "keys",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.LeaseTimeToLiveResponse`
pub static ETCDSERVERPB_LEASE_TIME_TO_LIVE_RESPONSE: Message = Message {
    name: "etcdserverpb.LeaseTimeToLiveResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "ID",
            name_block: &block("ID"),
            json_name: "ID",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "TTL",
            name_block: &block("TTL"),
            json_name: "TTL",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "grantedTTL",
            name_block: &block("grantedTTL"),
            json_name: "grantedTTL",
            kind: Kind::Int64,
            plain_tag: 32,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 5,
            name: "keys",
            name_block: &block("keys"),
            json_name: "keys",
            kind: Kind::Bytes,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.Member`
pub static ETCDSERVERPB_MEMBER: Message = Message {
    name: "etcdserverpb.Member",
    fields: &[
        Field {
            number: 1,
            name: "ID",
            name_block: &block("ID"),
            json_name: "ID",
            kind: Kind::Uint64,
            plain_tag: 8,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "peerURLs",
            name_block: &block("peerURLs"),
            json_name: "peerURLs",
            kind: Kind::String,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
        Field {
            number: 4,
            name: "clientURLs",
            name_block: &block("clientURLs"),
            json_name: "clientURLs",
            kind: Kind::String,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
        Field {
            number: 5,
            name: "isLearner",
            name_block: &block("isLearner"),
            json_name: "isLearner",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.MemberAddRequest`
pub static ETCDSERVERPB_MEMBER_ADD_REQUEST: Message = Message {
    name: "etcdserverpb.MemberAddRequest",
    fields: &[
        Field {
            number: 1,
            name: "peerURLs",
            name_block: &block("peerURLs"),
            json_name: "peerURLs",
            kind: Kind::String,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
        Field {
            number: 2,
            name: "isLearner",
            name_block: &block("isLearner"),
            json_name: "isLearner",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.MemberAddResponse`
pub static ETCDSERVERPB_MEMBER_ADD_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberAddResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "member",
            name_block: &block("member"),
            json_name: "member",
            kind: Kind::Message(&ETCDSERVERPB_MEMBER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "members",
            name_block: &block("members"),
            json_name: "members",
            kind: Kind::Message(&ETCDSERVERPB_MEMBER),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.MemberListRequest`
pub static ETCDSERVERPB_MEMBER_LIST_REQUEST: Message = Message {
    name: "etcdserverpb.MemberListRequest",
    fields: &[Field {
        number: 1,
        name: "linearizable",
        name_block: &block("linearizable"),
        json_name: "linearizable",
        kind: Kind::Bool,
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.MemberListResponse`
pub static ETCDSERVERPB_MEMBER_LIST_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberListResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "members",
            name_block: &block("members"),
            json_name: "members",
            kind: Kind::Message(&ETCDSERVERPB_MEMBER),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.MemberPromoteRequest`
pub static ETCDSERVERPB_MEMBER_PROMOTE_REQUEST: Message = Message {
    name: "etcdserverpb.MemberPromoteRequest",
    fields: &[Field {
        number: 1,
        name: "ID",
        name_block: &block("ID"),
        json_name: "ID",
        kind: Kind::Uint64,
        plain_tag: 8,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.MemberPromoteResponse`
pub static ETCDSERVERPB_MEMBER_PROMOTE_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberPromoteResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "members",
            name_block: &block("members"),
            json_name: "members",
            kind: Kind::Message(&ETCDSERVERPB_MEMBER),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.MemberRemoveRequest`
pub static ETCDSERVERPB_MEMBER_REMOVE_REQUEST: Message = Message {
    name: "etcdserverpb.MemberRemoveRequest",
    fields: &[Field {
        number: 1,
        name: "ID",
        name_block: &block("ID"),
        json_name: "ID",
        kind: Kind::Uint64,
        plain_tag: 8,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.MemberRemoveResponse`
pub static ETCDSERVERPB_MEMBER_REMOVE_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberRemoveResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "members",
            name_block: &block("members"),
            json_name: "members",
            kind: Kind::Message(&ETCDSERVERPB_MEMBER),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.MemberUpdateRequest`
pub static ETCDSERVERPB_MEMBER_UPDATE_REQUEST: Message = Message {
    name: "etcdserverpb.MemberUpdateRequest",
    fields: &[
        Field {
            number: 1,
            name: "ID",
            name_block: &block("ID"),
            json_name: "ID",
            kind: Kind::Uint64,
            plain_tag: 8,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "peerURLs",
            name_block: &block("peerURLs"),
            json_name: "peerURLs",
            kind: Kind::String,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.MemberUpdateResponse`
pub static ETCDSERVERPB_MEMBER_UPDATE_RESPONSE: Message = Message {
    name: "etcdserverpb.MemberUpdateResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "members",
            name_block: &block("members"),
            json_name: "members",
            kind: Kind::Message(&ETCDSERVERPB_MEMBER),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.MoveLeaderRequest`
pub static ETCDSERVERPB_MOVE_LEADER_REQUEST: Message = Message {
    name: "etcdserverpb.MoveLeaderRequest",
    fields: &[Field {
        number: 1,
        name: "targetID",
        name_block: &block("targetID"),
        json_name: "targetID",
        kind: Kind::Uint64,
        plain_tag: 8,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.MoveLeaderResponse`
pub static ETCDSERVERPB_MOVE_LEADER_RESPONSE: Message = Message {
    name: "etcdserverpb.MoveLeaderResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.PutRequest`
pub static ETCDSERVERPB_PUT_REQUEST: Message = Message {
    name: "etcdserverpb.PutRequest",
    fields: &[
        Field {
            number: 1,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 10,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "value",
            name_block: &block("value"),
            json_name: "value",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "lease",
            name_block: &block("lease"),
            json_name: "lease",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "prev_kv",
            name_block: &block("prev_kv"),
            json_name: "prevKv",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 5,
            name: "ignore_value",
            name_block: &block("ignore_value"),
            json_name: "ignoreValue",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 6,
            name: "ignore_lease",
            name_block: &block("ignore_lease"),
            json_name: "ignoreLease",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.PutResponse`
pub static ETCDSERVERPB_PUT_RESPONSE: Message = Message {
    name: "etcdserverpb.PutResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "prev_kv",
            name_block: &block("prev_kv"),
            json_name: "prevKv",
            kind: Kind::Message(&MVCCPB_KEY_VALUE),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.RangeRequest`
pub static ETCDSERVERPB_RANGE_REQUEST: Message = Message {
    name: "etcdserverpb.RangeRequest",
    fields: &[
        Field {
            number: 1,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 10,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "range_end",
            name_block: &block("range_end"),
            json_name: "rangeEnd",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "limit",
            name_block: &block("limit"),
            json_name: "limit",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "revision",
            name_block: &block("revision"),
            json_name: "revision",
            kind: Kind::Int64,
            plain_tag: 32,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 5,
            name: "sort_order",
            name_block: &block("sort_order"),
            json_name: "sortOrder",
            kind: Kind::Enum(&ETCDSERVERPB_RANGE_REQUEST_SORT_ORDER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 6,
            name: "sort_target",
            name_block: &block("sort_target"),
            json_name: "sortTarget",
            kind: Kind::Enum(&ETCDSERVERPB_RANGE_REQUEST_SORT_TARGET),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 7,
            name: "serializable",
            name_block: &block("serializable"),
            json_name: "serializable",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 8,
            name: "keys_only",
            name_block: &block("keys_only"),
            json_name: "keysOnly",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 9,
            name: "count_only",
            name_block: &block("count_only"),
            json_name: "countOnly",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 10,
            name: "min_mod_revision",
            name_block: &block("min_mod_revision"),
            json_name: "minModRevision",
            kind: Kind::Int64,
            plain_tag: 80,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 11,
            name: "max_mod_revision",
            name_block: &block("max_mod_revision"),
            json_name: "maxModRevision",
            kind: Kind::Int64,
            plain_tag: 88,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 12,
            name: "min_create_revision",
            name_block: &block("min_create_revision"),
            json_name: "minCreateRevision",
            kind: Kind::Int64,
            plain_tag: 96,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 13,
            name: "max_create_revision",
            name_block: &block("max_create_revision"),
            json_name: "maxCreateRevision",
            kind: Kind::Int64,
            plain_tag: 104,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.RangeResponse`
pub static ETCDSERVERPB_RANGE_RESPONSE: Message = Message {
    name: "etcdserverpb.RangeResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "kvs",
            name_block: &block("kvs"),
            json_name: "kvs",
            kind: Kind::Message(&MVCCPB_KEY_VALUE),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
        Field {
            number: 3,
            name: "more",
            name_block: &block("more"),
            json_name: "more",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "count",
            name_block: &block("count"),
            json_name: "count",
            kind: Kind::Int64,
            plain_tag: 32,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.RangeStreamResponse`
pub static ETCDSERVERPB_RANGE_STREAM_RESPONSE: Message = Message {
    name: "etcdserverpb.RangeStreamResponse",
    fields: &[Field {
        number: 1,
        name: "range_response",
        name_block: &block("range_response"),
        json_name: "rangeResponse",
        kind: Kind::Message(&ETCDSERVERPB_RANGE_RESPONSE),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.RequestOp`
pub static ETCDSERVERPB_REQUEST_OP: Message = Message {
    name: "etcdserverpb.RequestOp",
    fields: &[
        Field {
            number: 1,
            name: "request_range",
            name_block: &block("request_range"),
            json_name: "requestRange",
            kind: Kind::Message(&ETCDSERVERPB_RANGE_REQUEST),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 2,
            name: "request_put",
            name_block: &block("request_put"),
            json_name: "requestPut",
            kind: Kind::Message(&ETCDSERVERPB_PUT_REQUEST),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 3,
            name: "request_delete_range",
            name_block: &block("request_delete_range"),
            json_name: "requestDeleteRange",
            kind: Kind::Message(&ETCDSERVERPB_DELETE_RANGE_REQUEST),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 4,
            name: "request_txn",
            name_block: &block("request_txn"),
            json_name: "requestTxn",
            kind: Kind::Message(&ETCDSERVERPB_TXN_REQUEST),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
    ],
    oneofs: 1,
};

/// `etcdserverpb.ResponseHeader`
pub static ETCDSERVERPB_RESPONSE_HEADER: Message = Message {
    name: "etcdserverpb.ResponseHeader",
    fields: &[
        Field {
            number: 1,
            name: "cluster_id",
            name_block: &block("cluster_id"),
            json_name: "clusterId",
            kind: Kind::Uint64,
            plain_tag: 8,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "member_id",
            name_block: &block("member_id"),
            json_name: "memberId",
            kind: Kind::Uint64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "revision",
            name_block: &block("revision"),
            json_name: "revision",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "raft_term",
            name_block: &block("raft_term"),
            json_name: "raftTerm",
            kind: Kind::Uint64,
            plain_tag: 32,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.ResponseOp`
pub static ETCDSERVERPB_RESPONSE_OP: Message = Message {
    name: "etcdserverpb.ResponseOp",
    fields: &[
        Field {
            number: 1,
            name: "response_range",
            name_block: &block("response_range"),
            json_name: "responseRange",
            kind: Kind::Message(&ETCDSERVERPB_RANGE_RESPONSE),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 2,
            name: "response_put",
            name_block: &block("response_put"),
            json_name: "responsePut",
            kind: Kind::Message(&ETCDSERVERPB_PUT_RESPONSE),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 3,
            name: "response_delete_range",
            name_block: &block("response_delete_range"),
            json_name: "responseDeleteRange",
            kind: Kind::Message(&ETCDSERVERPB_DELETE_RANGE_RESPONSE),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 4,
            name: "response_txn",
            name_block: &block("response_txn"),
            json_name: "responseTxn",
            kind: Kind::Message(&ETCDSERVERPB_TXN_RESPONSE),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
    ],
    oneofs: 1,
};

/// `etcdserverpb.SnapshotRequest`
pub static ETCDSERVERPB_SNAPSHOT_REQUEST: Message = Message {
    name: "etcdserverpb.SnapshotRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.SnapshotResponse`
pub static ETCDSERVERPB_SNAPSHOT_RESPONSE: Message = Message {
    name: "etcdserverpb.SnapshotResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "remaining_bytes",
            name_block: &block("remaining_bytes"),
            json_name: "remainingBytes",
            kind: Kind::Uint64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "blob",
            name_block: &block("blob"),
            json_name: "blob",
            kind: Kind::Bytes,
            plain_tag: 26,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "version",
            name_block: &block("version"),
            json_name: "version",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.StatusRequest`
pub static ETCDSERVERPB_STATUS_REQUEST: Message = Message {
    name: "etcdserverpb.StatusRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.StatusResponse`
pub static ETCDSERVERPB_STATUS_RESPONSE: Message = Message {
    name: "etcdserverpb.StatusResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "version",
            name_block: &block("version"),
            json_name: "version",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "dbSize",
            name_block: &block("dbSize"),
            json_name: "dbSize",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "leader",
            name_block: &block("leader"),
            json_name: "leader",
            kind: Kind::Uint64,
            plain_tag: 32,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 5,
            name: "raftIndex",
            name_block: &block("raftIndex"),
            json_name: "raftIndex",
            kind: Kind::Uint64,
            plain_tag: 40,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 6,
            name: "raftTerm",
            name_block: &block("raftTerm"),
            json_name: "raftTerm",
            kind: Kind::Uint64,
            plain_tag: 48,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 7,
            name: "raftAppliedIndex",
            name_block: &block("raftAppliedIndex"),
            json_name: "raftAppliedIndex",
            kind: Kind::Uint64,
            plain_tag: 56,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 8,
            name: "errors",
            name_block: &block("errors"),
            json_name: "errors",
            kind: Kind::String,
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
        Field {
            number: 9,
            name: "dbSizeInUse",
            name_block: &block("dbSizeInUse"),
            json_name: "dbSizeInUse",
            kind: Kind::Int64,
            plain_tag: 72,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 10,
            name: "isLearner",
            name_block: &block("isLearner"),
            json_name: "isLearner",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 11,
            name: "storageVersion",
            name_block: &block("storageVersion"),
            json_name: "storageVersion",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 12,
            name: "dbSizeQuota",
            name_block: &block("dbSizeQuota"),
            json_name: "dbSizeQuota",
            kind: Kind::Int64,
            plain_tag: 96,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 13,
            name: "downgradeInfo",
            name_block: &block("downgradeInfo"),
            json_name: "downgradeInfo",
            kind: Kind::Message(&ETCDSERVERPB_DOWNGRADE_INFO),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.TxnRequest`
pub static ETCDSERVERPB_TXN_REQUEST: Message = Message {
    name: "etcdserverpb.TxnRequest",
    fields: &[
        Field {
            number: 1,
            name: "compare",
            name_block: &block("compare"),
            json_name: "compare",
            kind: Kind::Message(&ETCDSERVERPB_COMPARE),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
        Field {
            number: 2,
            name: "success",
            name_block: &block("success"),
            json_name: "success",
            kind: Kind::Message(&ETCDSERVERPB_REQUEST_OP),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
        Field {
            number: 3,
            name: "failure",
            name_block: &block("failure"),
            json_name: "failure",
            kind: Kind::Message(&ETCDSERVERPB_REQUEST_OP),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.TxnResponse`
pub static ETCDSERVERPB_TXN_RESPONSE: Message = Message {
    name: "etcdserverpb.TxnResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "succeeded",
            name_block: &block("succeeded"),
            json_name: "succeeded",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "responses",
            name_block: &block("responses"),
            json_name: "responses",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_OP),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.WatchCancelRequest`
pub static ETCDSERVERPB_WATCH_CANCEL_REQUEST: Message = Message {
    name: "etcdserverpb.WatchCancelRequest",
    fields: &[Field {
        number: 1,
        name: "watch_id",
        name_block: &block("watch_id"),
        json_name: "watchId",
        kind: Kind::Int64,
        plain_tag: 8,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `etcdserverpb.WatchCreateRequest`
pub static ETCDSERVERPB_WATCH_CREATE_REQUEST: Message = Message {
    name: "etcdserverpb.WatchCreateRequest",
    fields: &[
        Field {
            number: 1,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 10,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "range_end",
            name_block: &block("range_end"),
            json_name: "rangeEnd",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "start_revision",
            name_block: &block("start_revision"),
            json_name: "startRevision",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "progress_notify",
            name_block: &block("progress_notify"),
            json_name: "progressNotify",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 5,
            name: "filters",
            name_block: &block("filters"),
            json_name: "filters",
            kind: Kind::Enum(&ETCDSERVERPB_WATCH_CREATE_REQUEST_FILTER_TYPE),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
        Field {
            number: 6,
            name: "prev_kv",
            name_block: &block("prev_kv"),
            json_name: "prevKv",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 7,
            name: "watch_id",
            name_block: &block("watch_id"),
            json_name: "watchId",
            kind: Kind::Int64,
            plain_tag: 56,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 8,
            name: "fragment",
            name_block: &block("fragment"),
            json_name: "fragment",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `etcdserverpb.WatchProgressRequest`
pub static ETCDSERVERPB_WATCH_PROGRESS_REQUEST: Message = Message {
    name: "etcdserverpb.WatchProgressRequest",
    fields: &[],
    oneofs: 0,
};

/// `etcdserverpb.WatchRequest`
pub static ETCDSERVERPB_WATCH_REQUEST: Message = Message {
    name: "etcdserverpb.WatchRequest",
    fields: &[
        Field {
            number: 1,
            name: "create_request",
            name_block: &block("create_request"),
            json_name: "createRequest",
            kind: Kind::Message(&ETCDSERVERPB_WATCH_CREATE_REQUEST),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 2,
            name: "cancel_request",
            name_block: &block("cancel_request"),
            json_name: "cancelRequest",
            kind: Kind::Message(&ETCDSERVERPB_WATCH_CANCEL_REQUEST),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
        Field {
            number: 3,
            name: "progress_request",
            name_block: &block("progress_request"),
            json_name: "progressRequest",
            kind: Kind::Message(&ETCDSERVERPB_WATCH_PROGRESS_REQUEST),
            plain_tag: 0,
            repeated: false,
            oneof: Some(0),
        },
    ],
    oneofs: 1,
};

/// `etcdserverpb.WatchResponse`
pub static ETCDSERVERPB_WATCH_RESPONSE: Message = Message {
    name: "etcdserverpb.WatchResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "watch_id",
            name_block: &block("watch_id"),
            json_name: "watchId",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "created",
            name_block: &block("created"),
            json_name: "created",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "canceled",
            name_block: &block("canceled"),
            json_name: "canceled",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 5,
            name: "compact_revision",
            name_block: &block("compact_revision"),
            json_name: "compactRevision",
            kind: Kind::Int64,
            plain_tag: 40,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 6,
            name: "cancel_reason",
            name_block: &block("cancel_reason"),
            json_name: "cancelReason",
            kind: Kind::String,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 7,
            name: "fragment",
            name_block: &block("fragment"),
            json_name: "fragment",
            kind: Kind::Bool,
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 11,
            name: "events",
            name_block: &block("events"),
            json_name: "events",
            kind: Kind::Message(&MVCCPB_EVENT),
            plain_tag: 0,
            repeated: true,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `mvccpb.Event`
pub static MVCCPB_EVENT: Message = Message {
    name: "mvccpb.Event",
    fields: &[
        Field {
            number: 1,
            name: "type",
            name_block: &block("type"),
            json_name: "type",
            kind: Kind::Enum(&MVCCPB_EVENT_EVENT_TYPE),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "kv",
            name_block: &block("kv"),
            json_name: "kv",
            kind: Kind::Message(&MVCCPB_KEY_VALUE),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "prev_kv",
            name_block: &block("prev_kv"),
            json_name: "prevKv",
            kind: Kind::Message(&MVCCPB_KEY_VALUE),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `mvccpb.KeyValue`
pub static MVCCPB_KEY_VALUE: Message = Message {
    name: "mvccpb.KeyValue",
    fields: &[
        Field {
            number: 1,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 10,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "create_revision",
            name_block: &block("create_revision"),
            json_name: "createRevision",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "mod_revision",
            name_block: &block("mod_revision"),
            json_name: "modRevision",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "version",
            name_block: &block("version"),
            json_name: "version",
            kind: Kind::Int64,
            plain_tag: 32,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 5,
            name: "value",
            name_block: &block("value"),
            json_name: "value",
            kind: Kind::Bytes,
            plain_tag: 42,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 6,
            name: "lease",
            name_block: &block("lease"),
            json_name: "lease",
            kind: Kind::Int64,
            plain_tag: 48,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `v3electionpb.CampaignRequest`
pub static V3ELECTIONPB_CAMPAIGN_REQUEST: Message = Message {
    name: "v3electionpb.CampaignRequest",
    fields: &[
        Field {
            number: 1,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::Bytes,
            plain_tag: 10,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "lease",
            name_block: &block("lease"),
            json_name: "lease",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "value",
            name_block: &block("value"),
            json_name: "value",
            kind: Kind::Bytes,
            plain_tag: 26,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `v3electionpb.CampaignResponse`
pub static V3ELECTIONPB_CAMPAIGN_RESPONSE: Message = Message {
    name: "v3electionpb.CampaignResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "leader",
            name_block: &block("leader"),
            json_name: "leader",
            kind: Kind::Message(&V3ELECTIONPB_LEADER_KEY),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `v3electionpb.LeaderKey`
pub static V3ELECTIONPB_LEADER_KEY: Message = Message {
    name: "v3electionpb.LeaderKey",
    fields: &[
        Field {
            number: 1,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::Bytes,
            plain_tag: 10,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 3,
            name: "rev",
            name_block: &block("rev"),
            json_name: "rev",
            kind: Kind::Int64,
            plain_tag: 24,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 4,
            name: "lease",
            name_block: &block("lease"),
            json_name: "lease",
            kind: Kind::Int64,
            plain_tag: 32,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `v3electionpb.LeaderRequest`
pub static V3ELECTIONPB_LEADER_REQUEST: Message = Message {
    name: "v3electionpb.LeaderRequest",
    fields: &[Field {
        number: 1,
        name: "name",
        name_block: &block("name"),
        json_name: "name",
        kind: Kind::Bytes,
        plain_tag: 10,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `v3electionpb.LeaderResponse`
pub static V3ELECTIONPB_LEADER_RESPONSE: Message = Message {
    name: "v3electionpb.LeaderResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "kv",
            name_block: &block("kv"),
            json_name: "kv",
            kind: Kind::Message(&MVCCPB_KEY_VALUE),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `v3electionpb.ProclaimRequest`
pub static V3ELECTIONPB_PROCLAIM_REQUEST: Message = Message {
    name: "v3electionpb.ProclaimRequest",
    fields: &[
        Field {
            number: 1,
            name: "leader",
            name_block: &block("leader"),
            json_name: "leader",
            kind: Kind::Message(&V3ELECTIONPB_LEADER_KEY),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "value",
            name_block: &block("value"),
            json_name: "value",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `v3electionpb.ProclaimResponse`
pub static V3ELECTIONPB_PROCLAIM_RESPONSE: Message = Message {
    name: "v3electionpb.ProclaimResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `v3electionpb.ResignRequest`
pub static V3ELECTIONPB_RESIGN_REQUEST: Message = Message {
    name: "v3electionpb.ResignRequest",
    fields: &[Field {
        number: 1,
        name: "leader",
        name_block: &block("leader"),
        json_name: "leader",
        kind: Kind::Message(&V3ELECTIONPB_LEADER_KEY),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `v3electionpb.ResignResponse`
pub static V3ELECTIONPB_RESIGN_RESPONSE: Message = Message {
    name: "v3electionpb.ResignResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `v3lockpb.LockRequest`
pub static V3LOCKPB_LOCK_REQUEST: Message = Message {
    name: "v3lockpb.LockRequest",
    fields: &[
        Field {
            number: 1,
            name: "name",
            name_block: &block("name"),
            json_name: "name",
            kind: Kind::Bytes,
            plain_tag: 10,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "lease",
            name_block: &block("lease"),
            json_name: "lease",
            kind: Kind::Int64,
            plain_tag: 16,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `v3lockpb.LockResponse`
pub static V3LOCKPB_LOCK_RESPONSE: Message = Message {
    name: "v3lockpb.LockResponse",
    fields: &[
        Field {
            number: 1,
            name: "header",
            name_block: &block("header"),
            json_name: "header",
            kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
            plain_tag: 0,
            repeated: false,
            oneof: None,
        },
        Field {
            number: 2,
            name: "key",
            name_block: &block("key"),
            json_name: "key",
            kind: Kind::Bytes,
            plain_tag: 18,
            repeated: false,
            oneof: None,
        },
    ],
    oneofs: 0,
};

/// `v3lockpb.UnlockRequest`
pub static V3LOCKPB_UNLOCK_REQUEST: Message = Message {
    name: "v3lockpb.UnlockRequest",
    fields: &[Field {
        number: 1,
        name: "key",
        name_block: &block("key"),
        json_name: "key",
        kind: Kind::Bytes,
        plain_tag: 10,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
};

/// `v3lockpb.UnlockResponse`
pub static V3LOCKPB_UNLOCK_RESPONSE: Message = Message {
    name: "v3lockpb.UnlockResponse",
    fields: &[Field {
        number: 1,
        name: "header",
        name_block: &block("header"),
        json_name: "header",
        kind: Kind::Message(&ETCDSERVERPB_RESPONSE_HEADER),
        plain_tag: 0,
        repeated: false,
        oneof: None,
    }],
    oneofs: 0,
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
pub static AUTH_AUTH_ENABLE: Method = Method {
    path: "/etcdserverpb.Auth/AuthEnable",
    request: &ETCDSERVERPB_AUTH_ENABLE_REQUEST,
    response: &ETCDSERVERPB_AUTH_ENABLE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.AuthDisable`
pub static AUTH_AUTH_DISABLE: Method = Method {
    path: "/etcdserverpb.Auth/AuthDisable",
    request: &ETCDSERVERPB_AUTH_DISABLE_REQUEST,
    response: &ETCDSERVERPB_AUTH_DISABLE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.AuthStatus`
pub static AUTH_AUTH_STATUS: Method = Method {
    path: "/etcdserverpb.Auth/AuthStatus",
    request: &ETCDSERVERPB_AUTH_STATUS_REQUEST,
    response: &ETCDSERVERPB_AUTH_STATUS_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Auth.Authenticate`
pub static AUTH_AUTHENTICATE: Method = Method {
    path: "/etcdserverpb.Auth/Authenticate",
    request: &ETCDSERVERPB_AUTHENTICATE_REQUEST,
    response: &ETCDSERVERPB_AUTHENTICATE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Auth.UserAdd`
pub static AUTH_USER_ADD: Method = Method {
    path: "/etcdserverpb.Auth/UserAdd",
    request: &ETCDSERVERPB_AUTH_USER_ADD_REQUEST,
    response: &ETCDSERVERPB_AUTH_USER_ADD_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.UserGet`
pub static AUTH_USER_GET: Method = Method {
    path: "/etcdserverpb.Auth/UserGet",
    request: &ETCDSERVERPB_AUTH_USER_GET_REQUEST,
    response: &ETCDSERVERPB_AUTH_USER_GET_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Auth.UserList`
pub static AUTH_USER_LIST: Method = Method {
    path: "/etcdserverpb.Auth/UserList",
    request: &ETCDSERVERPB_AUTH_USER_LIST_REQUEST,
    response: &ETCDSERVERPB_AUTH_USER_LIST_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Auth.UserDelete`
pub static AUTH_USER_DELETE: Method = Method {
    path: "/etcdserverpb.Auth/UserDelete",
    request: &ETCDSERVERPB_AUTH_USER_DELETE_REQUEST,
    response: &ETCDSERVERPB_AUTH_USER_DELETE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.UserChangePassword`
pub static AUTH_USER_CHANGE_PASSWORD: Method = Method {
    path: "/etcdserverpb.Auth/UserChangePassword",
    request: &ETCDSERVERPB_AUTH_USER_CHANGE_PASSWORD_REQUEST,
    response: &ETCDSERVERPB_AUTH_USER_CHANGE_PASSWORD_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.UserGrantRole`
pub static AUTH_USER_GRANT_ROLE: Method = Method {
    path: "/etcdserverpb.Auth/UserGrantRole",
    request: &ETCDSERVERPB_AUTH_USER_GRANT_ROLE_REQUEST,
    response: &ETCDSERVERPB_AUTH_USER_GRANT_ROLE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.UserRevokeRole`
pub static AUTH_USER_REVOKE_ROLE: Method = Method {
    path: "/etcdserverpb.Auth/UserRevokeRole",
    request: &ETCDSERVERPB_AUTH_USER_REVOKE_ROLE_REQUEST,
    response: &ETCDSERVERPB_AUTH_USER_REVOKE_ROLE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.RoleAdd`
pub static AUTH_ROLE_ADD: Method = Method {
    path: "/etcdserverpb.Auth/RoleAdd",
    request: &ETCDSERVERPB_AUTH_ROLE_ADD_REQUEST,
    response: &ETCDSERVERPB_AUTH_ROLE_ADD_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.RoleGet`
pub static AUTH_ROLE_GET: Method = Method {
    path: "/etcdserverpb.Auth/RoleGet",
    request: &ETCDSERVERPB_AUTH_ROLE_GET_REQUEST,
    response: &ETCDSERVERPB_AUTH_ROLE_GET_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Auth.RoleList`
pub static AUTH_ROLE_LIST: Method = Method {
    path: "/etcdserverpb.Auth/RoleList",
    request: &ETCDSERVERPB_AUTH_ROLE_LIST_REQUEST,
    response: &ETCDSERVERPB_AUTH_ROLE_LIST_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Auth.RoleDelete`
pub static AUTH_ROLE_DELETE: Method = Method {
    path: "/etcdserverpb.Auth/RoleDelete",
    request: &ETCDSERVERPB_AUTH_ROLE_DELETE_REQUEST,
    response: &ETCDSERVERPB_AUTH_ROLE_DELETE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.RoleGrantPermission`
pub static AUTH_ROLE_GRANT_PERMISSION: Method = Method {
    path: "/etcdserverpb.Auth/RoleGrantPermission",
    request: &ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_REQUEST,
    response: &ETCDSERVERPB_AUTH_ROLE_GRANT_PERMISSION_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Auth.RoleRevokePermission`
pub static AUTH_ROLE_REVOKE_PERMISSION: Method = Method {
    path: "/etcdserverpb.Auth/RoleRevokePermission",
    request: &ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_REQUEST,
    response: &ETCDSERVERPB_AUTH_ROLE_REVOKE_PERMISSION_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Cluster.MemberAdd`
pub static CLUSTER_MEMBER_ADD: Method = Method {
    path: "/etcdserverpb.Cluster/MemberAdd",
    request: &ETCDSERVERPB_MEMBER_ADD_REQUEST,
    response: &ETCDSERVERPB_MEMBER_ADD_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Cluster.MemberRemove`
pub static CLUSTER_MEMBER_REMOVE: Method = Method {
    path: "/etcdserverpb.Cluster/MemberRemove",
    request: &ETCDSERVERPB_MEMBER_REMOVE_REQUEST,
    response: &ETCDSERVERPB_MEMBER_REMOVE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Cluster.MemberUpdate`
pub static CLUSTER_MEMBER_UPDATE: Method = Method {
    path: "/etcdserverpb.Cluster/MemberUpdate",
    request: &ETCDSERVERPB_MEMBER_UPDATE_REQUEST,
    response: &ETCDSERVERPB_MEMBER_UPDATE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Cluster.MemberList`
pub static CLUSTER_MEMBER_LIST: Method = Method {
    path: "/etcdserverpb.Cluster/MemberList",
    request: &ETCDSERVERPB_MEMBER_LIST_REQUEST,
    response: &ETCDSERVERPB_MEMBER_LIST_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Cluster.MemberPromote`
pub static CLUSTER_MEMBER_PROMOTE: Method = Method {
    path: "/etcdserverpb.Cluster/MemberPromote",
    request: &ETCDSERVERPB_MEMBER_PROMOTE_REQUEST,
    response: &ETCDSERVERPB_MEMBER_PROMOTE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.KV.Range`
pub static KV_RANGE: Method = Method {
    path: "/etcdserverpb.KV/Range",
    request: &ETCDSERVERPB_RANGE_REQUEST,
    response: &ETCDSERVERPB_RANGE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.KV.RangeStream`
pub static KV_RANGE_STREAM: Method = Method {
    path: "/etcdserverpb.KV/RangeStream",
    request: &ETCDSERVERPB_RANGE_REQUEST,
    response: &ETCDSERVERPB_RANGE_STREAM_RESPONSE,
    client_streaming: false,
    server_streaming: true,
    idempotent: true,
};

/// `etcdserverpb.KV.Put`
pub static KV_PUT: Method = Method {
    path: "/etcdserverpb.KV/Put",
    request: &ETCDSERVERPB_PUT_REQUEST,
    response: &ETCDSERVERPB_PUT_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.KV.DeleteRange`
pub static KV_DELETE_RANGE: Method = Method {
    path: "/etcdserverpb.KV/DeleteRange",
    request: &ETCDSERVERPB_DELETE_RANGE_REQUEST,
    response: &ETCDSERVERPB_DELETE_RANGE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.KV.Txn`
pub static KV_TXN: Method = Method {
    path: "/etcdserverpb.KV/Txn",
    request: &ETCDSERVERPB_TXN_REQUEST,
    response: &ETCDSERVERPB_TXN_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.KV.Compact`
pub static KV_COMPACT: Method = Method {
    path: "/etcdserverpb.KV/Compact",
    request: &ETCDSERVERPB_COMPACTION_REQUEST,
    response: &ETCDSERVERPB_COMPACTION_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Lease.LeaseGrant`
pub static LEASE_LEASE_GRANT: Method = Method {
    path: "/etcdserverpb.Lease/LeaseGrant",
    request: &ETCDSERVERPB_LEASE_GRANT_REQUEST,
    response: &ETCDSERVERPB_LEASE_GRANT_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Lease.LeaseRevoke`
pub static LEASE_LEASE_REVOKE: Method = Method {
    path: "/etcdserverpb.Lease/LeaseRevoke",
    request: &ETCDSERVERPB_LEASE_REVOKE_REQUEST,
    response: &ETCDSERVERPB_LEASE_REVOKE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Lease.LeaseKeepAlive`
pub static LEASE_LEASE_KEEP_ALIVE: Method = Method {
    path: "/etcdserverpb.Lease/LeaseKeepAlive",
    request: &ETCDSERVERPB_LEASE_KEEP_ALIVE_REQUEST,
    response: &ETCDSERVERPB_LEASE_KEEP_ALIVE_RESPONSE,
    client_streaming: true,
    server_streaming: true,
    idempotent: false,
};

/// `etcdserverpb.Lease.LeaseTimeToLive`
pub static LEASE_LEASE_TIME_TO_LIVE: Method = Method {
    path: "/etcdserverpb.Lease/LeaseTimeToLive",
    request: &ETCDSERVERPB_LEASE_TIME_TO_LIVE_REQUEST,
    response: &ETCDSERVERPB_LEASE_TIME_TO_LIVE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Lease.LeaseLeases`
pub static LEASE_LEASE_LEASES: Method = Method {
    path: "/etcdserverpb.Lease/LeaseLeases",
    request: &ETCDSERVERPB_LEASE_LEASES_REQUEST,
    response: &ETCDSERVERPB_LEASE_LEASES_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Maintenance.Alarm`
pub static MAINTENANCE_ALARM: Method = Method {
    path: "/etcdserverpb.Maintenance/Alarm",
    request: &ETCDSERVERPB_ALARM_REQUEST,
    response: &ETCDSERVERPB_ALARM_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Maintenance.Status`
pub static MAINTENANCE_STATUS: Method = Method {
    path: "/etcdserverpb.Maintenance/Status",
    request: &ETCDSERVERPB_STATUS_REQUEST,
    response: &ETCDSERVERPB_STATUS_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Maintenance.Defragment`
pub static MAINTENANCE_DEFRAGMENT: Method = Method {
    path: "/etcdserverpb.Maintenance/Defragment",
    request: &ETCDSERVERPB_DEFRAGMENT_REQUEST,
    response: &ETCDSERVERPB_DEFRAGMENT_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Maintenance.Hash`
pub static MAINTENANCE_HASH: Method = Method {
    path: "/etcdserverpb.Maintenance/Hash",
    request: &ETCDSERVERPB_HASH_REQUEST,
    response: &ETCDSERVERPB_HASH_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Maintenance.HashKV`
pub static MAINTENANCE_HASH_KV: Method = Method {
    path: "/etcdserverpb.Maintenance/HashKV",
    request: &ETCDSERVERPB_HASH_KV_REQUEST,
    response: &ETCDSERVERPB_HASH_KV_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `etcdserverpb.Maintenance.Snapshot`
pub static MAINTENANCE_SNAPSHOT: Method = Method {
    path: "/etcdserverpb.Maintenance/Snapshot",
    request: &ETCDSERVERPB_SNAPSHOT_REQUEST,
    response: &ETCDSERVERPB_SNAPSHOT_RESPONSE,
    client_streaming: false,
    server_streaming: true,
    idempotent: false,
};

/// `etcdserverpb.Maintenance.MoveLeader`
pub static MAINTENANCE_MOVE_LEADER: Method = Method {
    path: "/etcdserverpb.Maintenance/MoveLeader",
    request: &ETCDSERVERPB_MOVE_LEADER_REQUEST,
    response: &ETCDSERVERPB_MOVE_LEADER_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Maintenance.Downgrade`
pub static MAINTENANCE_DOWNGRADE: Method = Method {
    path: "/etcdserverpb.Maintenance/Downgrade",
    request: &ETCDSERVERPB_DOWNGRADE_REQUEST,
    response: &ETCDSERVERPB_DOWNGRADE_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `etcdserverpb.Watch.Watch`
pub static WATCH_WATCH: Method = Method {
    path: "/etcdserverpb.Watch/Watch",
    request: &ETCDSERVERPB_WATCH_REQUEST,
    response: &ETCDSERVERPB_WATCH_RESPONSE,
    client_streaming: true,
    server_streaming: true,
    idempotent: false,
};

/// `v3electionpb.Election.Campaign`
pub static ELECTION_CAMPAIGN: Method = Method {
    path: "/v3electionpb.Election/Campaign",
    request: &V3ELECTIONPB_CAMPAIGN_REQUEST,
    response: &V3ELECTIONPB_CAMPAIGN_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `v3electionpb.Election.Proclaim`
pub static ELECTION_PROCLAIM: Method = Method {
    path: "/v3electionpb.Election/Proclaim",
    request: &V3ELECTIONPB_PROCLAIM_REQUEST,
    response: &V3ELECTIONPB_PROCLAIM_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `v3electionpb.Election.Leader`
pub static ELECTION_LEADER: Method = Method {
    path: "/v3electionpb.Election/Leader",
    request: &V3ELECTIONPB_LEADER_REQUEST,
    response: &V3ELECTIONPB_LEADER_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: true,
};

/// `v3electionpb.Election.Observe`
pub static ELECTION_OBSERVE: Method = Method {
    path: "/v3electionpb.Election/Observe",
    request: &V3ELECTIONPB_LEADER_REQUEST,
    response: &V3ELECTIONPB_LEADER_RESPONSE,
    client_streaming: false,
    server_streaming: true,
    idempotent: false,
};

/// `v3electionpb.Election.Resign`
pub static ELECTION_RESIGN: Method = Method {
    path: "/v3electionpb.Election/Resign",
    request: &V3ELECTIONPB_RESIGN_REQUEST,
    response: &V3ELECTIONPB_RESIGN_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `v3lockpb.Lock.Lock`
pub static LOCK_LOCK: Method = Method {
    path: "/v3lockpb.Lock/Lock",
    request: &V3LOCKPB_LOCK_REQUEST,
    response: &V3LOCKPB_LOCK_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// `v3lockpb.Lock.Unlock`
pub static LOCK_UNLOCK: Method = Method {
    path: "/v3lockpb.Lock/Unlock",
    request: &V3LOCKPB_UNLOCK_REQUEST,
    response: &V3LOCKPB_UNLOCK_RESPONSE,
    client_streaming: false,
    server_streaming: false,
    idempotent: false,
};

/// Every method, by service.
pub static METHODS: &[&Method] = &[
    &AUTH_AUTH_ENABLE,
    &AUTH_AUTH_DISABLE,
    &AUTH_AUTH_STATUS,
    &AUTH_AUTHENTICATE,
    &AUTH_USER_ADD,
    &AUTH_USER_GET,
    &AUTH_USER_LIST,
    &AUTH_USER_DELETE,
    &AUTH_USER_CHANGE_PASSWORD,
    &AUTH_USER_GRANT_ROLE,
    &AUTH_USER_REVOKE_ROLE,
    &AUTH_ROLE_ADD,
    &AUTH_ROLE_GET,
    &AUTH_ROLE_LIST,
    &AUTH_ROLE_DELETE,
    &AUTH_ROLE_GRANT_PERMISSION,
    &AUTH_ROLE_REVOKE_PERMISSION,
    &CLUSTER_MEMBER_ADD,
    &CLUSTER_MEMBER_REMOVE,
    &CLUSTER_MEMBER_UPDATE,
    &CLUSTER_MEMBER_LIST,
    &CLUSTER_MEMBER_PROMOTE,
    &KV_RANGE,
    &KV_RANGE_STREAM,
    &KV_PUT,
    &KV_DELETE_RANGE,
    &KV_TXN,
    &KV_COMPACT,
    &LEASE_LEASE_GRANT,
    &LEASE_LEASE_REVOKE,
    &LEASE_LEASE_KEEP_ALIVE,
    &LEASE_LEASE_TIME_TO_LIVE,
    &LEASE_LEASE_LEASES,
    &MAINTENANCE_ALARM,
    &MAINTENANCE_STATUS,
    &MAINTENANCE_DEFRAGMENT,
    &MAINTENANCE_HASH,
    &MAINTENANCE_HASH_KV,
    &MAINTENANCE_SNAPSHOT,
    &MAINTENANCE_MOVE_LEADER,
    &MAINTENANCE_DOWNGRADE,
    &WATCH_WATCH,
    &ELECTION_CAMPAIGN,
    &ELECTION_PROCLAIM,
    &ELECTION_LEADER,
    &ELECTION_OBSERVE,
    &ELECTION_RESIGN,
    &LOCK_LOCK,
    &LOCK_UNLOCK,
];

/// Every route, sorted by path.
pub static ROUTES: &[Route] = &[
    Route {
        path: "/auth/authenticate",
        method: &AUTH_AUTHENTICATE,
    },
    Route {
        path: "/auth/disable",
        method: &AUTH_AUTH_DISABLE,
    },
    Route {
        path: "/auth/enable",
        method: &AUTH_AUTH_ENABLE,
    },
    Route {
        path: "/auth/role/add",
        method: &AUTH_ROLE_ADD,
    },
    Route {
        path: "/auth/role/delete",
        method: &AUTH_ROLE_DELETE,
    },
    Route {
        path: "/auth/role/get",
        method: &AUTH_ROLE_GET,
    },
    Route {
        path: "/auth/role/grant",
        method: &AUTH_ROLE_GRANT_PERMISSION,
    },
    Route {
        path: "/auth/role/list",
        method: &AUTH_ROLE_LIST,
    },
    Route {
        path: "/auth/role/revoke",
        method: &AUTH_ROLE_REVOKE_PERMISSION,
    },
    Route {
        path: "/auth/status",
        method: &AUTH_AUTH_STATUS,
    },
    Route {
        path: "/auth/user/add",
        method: &AUTH_USER_ADD,
    },
    Route {
        path: "/auth/user/changepw",
        method: &AUTH_USER_CHANGE_PASSWORD,
    },
    Route {
        path: "/auth/user/delete",
        method: &AUTH_USER_DELETE,
    },
    Route {
        path: "/auth/user/get",
        method: &AUTH_USER_GET,
    },
    Route {
        path: "/auth/user/grant",
        method: &AUTH_USER_GRANT_ROLE,
    },
    Route {
        path: "/auth/user/list",
        method: &AUTH_USER_LIST,
    },
    Route {
        path: "/auth/user/revoke",
        method: &AUTH_USER_REVOKE_ROLE,
    },
    Route {
        path: "/cluster/member/add",
        method: &CLUSTER_MEMBER_ADD,
    },
    Route {
        path: "/cluster/member/list",
        method: &CLUSTER_MEMBER_LIST,
    },
    Route {
        path: "/cluster/member/promote",
        method: &CLUSTER_MEMBER_PROMOTE,
    },
    Route {
        path: "/cluster/member/remove",
        method: &CLUSTER_MEMBER_REMOVE,
    },
    Route {
        path: "/cluster/member/update",
        method: &CLUSTER_MEMBER_UPDATE,
    },
    Route {
        path: "/election/campaign",
        method: &ELECTION_CAMPAIGN,
    },
    Route {
        path: "/election/leader",
        method: &ELECTION_LEADER,
    },
    Route {
        path: "/election/observe",
        method: &ELECTION_OBSERVE,
    },
    Route {
        path: "/election/proclaim",
        method: &ELECTION_PROCLAIM,
    },
    Route {
        path: "/election/resign",
        method: &ELECTION_RESIGN,
    },
    Route {
        path: "/kv/compaction",
        method: &KV_COMPACT,
    },
    Route {
        path: "/kv/deleterange",
        method: &KV_DELETE_RANGE,
    },
    Route {
        path: "/kv/lease/leases",
        method: &LEASE_LEASE_LEASES,
    },
    Route {
        path: "/kv/lease/revoke",
        method: &LEASE_LEASE_REVOKE,
    },
    Route {
        path: "/kv/lease/timetolive",
        method: &LEASE_LEASE_TIME_TO_LIVE,
    },
    Route {
        path: "/kv/put",
        method: &KV_PUT,
    },
    Route {
        path: "/kv/range",
        method: &KV_RANGE,
    },
    Route {
        path: "/kv/rangestream",
        method: &KV_RANGE_STREAM,
    },
    Route {
        path: "/kv/txn",
        method: &KV_TXN,
    },
    Route {
        path: "/lease/grant",
        method: &LEASE_LEASE_GRANT,
    },
    Route {
        path: "/lease/keepalive",
        method: &LEASE_LEASE_KEEP_ALIVE,
    },
    Route {
        path: "/lease/leases",
        method: &LEASE_LEASE_LEASES,
    },
    Route {
        path: "/lease/revoke",
        method: &LEASE_LEASE_REVOKE,
    },
    Route {
        path: "/lease/timetolive",
        method: &LEASE_LEASE_TIME_TO_LIVE,
    },
    Route {
        path: "/lock/lock",
        method: &LOCK_LOCK,
    },
    Route {
        path: "/lock/unlock",
        method: &LOCK_UNLOCK,
    },
    Route {
        path: "/maintenance/alarm",
        method: &MAINTENANCE_ALARM,
    },
    Route {
        path: "/maintenance/defragment",
        method: &MAINTENANCE_DEFRAGMENT,
    },
    Route {
        path: "/maintenance/downgrade",
        method: &MAINTENANCE_DOWNGRADE,
    },
    Route {
        path: "/maintenance/hash",
        method: &MAINTENANCE_HASH,
    },
    Route {
        path: "/maintenance/hashkv",
        method: &MAINTENANCE_HASH_KV,
    },
    Route {
        path: "/maintenance/snapshot",
        method: &MAINTENANCE_SNAPSHOT,
    },
    Route {
        path: "/maintenance/status",
        method: &MAINTENANCE_STATUS,
    },
    Route {
        path: "/maintenance/transfer-leadership",
        method: &MAINTENANCE_MOVE_LEADER,
    },
    Route {
        path: "/watch",
        method: &WATCH_WATCH,
    },
];
