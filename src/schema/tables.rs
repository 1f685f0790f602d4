//! etcd's API as static tables. Generated from `proto/`; do not edit.
