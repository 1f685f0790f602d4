//! How the keys become a type that is read key by key, so that an error names the one at fault.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use super::{Config, ConfigError};

/// An object whose keys have defaults.
pub(super) trait Keyed: Default {
    /// Reads the value of `key`.
    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Makes a type of its keys: `doc name: type = default, check;` each.
macro_rules! keys {
    (
        $(#[$about:meta])* pub struct $name:ident;
        $($(#[$attribute:meta])* $key:ident: $type:ty = $default:expr $(, $check:expr)?;)*
    ) => {
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(
            test,
            derive(schemars::JsonSchema, serde::Serialize),
            schemars(default, deny_unknown_fields)
        )]
        $(#[$about])*
        pub struct $name {
            $($(#[$attribute])* pub $key: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        impl $crate::config::keys::Keyed for $name {
            fn set<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut A,
            ) -> Result<(), A::Error> {
                match key {
                    $(stringify!($key) => {
                        self.$key = $crate::config::keys::value(map)?;
                        $($crate::config::keys::hold(($check)(&self.$key))?;)?
                        Ok(())
                    })*
                    _ => $crate::config::keys::hold(Err("unknown key".to_owned())),
                }
            }
        }
    };
}

/// The value of a key: out of line, so that it is there once for each type, not for each key.
#[inline(never)]
pub(super) fn value<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<T, A::Error> {
    map.next_value()
}

/// What a check has found, as an error of the reader.
#[inline(never)]
pub(super) fn hold<E: Error>(checked: Result<(), String>) -> Result<(), E> {
    checked.map_err(E::custom)
}

/// Reads an object of keys.
///
/// # Errors
///
/// With the key at fault.
pub(super) fn read(text: &str) -> Result<Config, ConfigError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut key = String::new();
    Keys::new(&mut key)
        .deserialize(&mut deserializer)
        .and_then(|config| deserializer.end().map(|()| config))
        .map_err(|error| ConfigError {
            key,
            reason: error.to_string(),
        })
}

/// An object within another, whose errors begin with the key at fault: `.name: …`.
#[inline(never)]
pub(super) fn within<'de, T: Keyed, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let mut key = String::new();
    let read = Keys::new(&mut key).deserialize(deserializer);
    read.map_err(|error| match key.as_str() {
        "" => error,
        key => D::Error::custom(at(&format!(".{key}"), &error.to_string())),
    })
}

/// What is wrong at a place: an error of a place within goes on with that.
pub(super) fn at(place: &str, error: &str) -> String {
    let goes_on = error.starts_with(['.', '[']);
    format!("{place}{}{error}", if goes_on { "" } else { ": " })
}

/// Reads the keys one by one; `key` is the one at which reading stands.
struct Keys<'k, T> {
    key: &'k mut String,
    keyed: PhantomData<T>,
}

impl<'k, T> Keys<'k, T> {
    fn new(key: &'k mut String) -> Self {
        Self {
            key,
            keyed: PhantomData,
        }
    }
}

impl<'de, T: Keyed> DeserializeSeed<'de> for Keys<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Keyed> Visitor<'de> for Keys<'_, T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut keyed = T::default();
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            self.key.clone_from(&key);
            if seen.contains(&key) {
                return Err(A::Error::custom("given twice"));
            }
            keyed.set(&key, &mut map)?;
            seen.push(key);
        }
        self.key.clear();
        Ok(keyed)
    }
}
