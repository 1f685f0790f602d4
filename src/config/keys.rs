//! How the keys become a type that is read key by key, so that an error names the one at fault.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use super::{Config, ConfigError};

/// Makes [`Config`] of its keys: `doc name: type = default, check;` each.
macro_rules! keys {
    ($($(#[$attribute:meta])* $key:ident: $type:ty = $default:expr $(, $check:expr)?;)*) => {
        /// The plugin configuration as it is written.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(
            test,
            derive(schemars::JsonSchema, serde::Serialize),
            schemars(
                title = "etcd-json-gateway plugin configuration",
                default,
                deny_unknown_fields
            )
        )]
        pub struct Config {
            $($(#[$attribute])* pub $key: $type,)*
        }

        impl Default for Config {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        impl Config {
            /// Reads the value of `key`.
            fn set<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut A,
            ) -> Result<(), A::Error> {
                match key {
                    $(stringify!($key) => {
                        self.$key = map.next_value()?;
                        $(($check)(&self.$key).map_err(serde::de::Error::custom)?;)?
                    })*
                    _ => return Err(serde::de::Error::custom("unknown key")),
                }
                Ok(())
            }
        }
    };
}

/// Reads an object of keys.
///
/// # Errors
///
/// With the key at fault.
pub(super) fn read(text: &str) -> Result<Config, ConfigError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut key = String::new();
    Keys { key: &mut key }
        .deserialize(&mut deserializer)
        .and_then(|config| deserializer.end().map(|()| config))
        .map_err(|error| ConfigError {
            key,
            reason: error.to_string(),
        })
}

/// Reads the keys one by one; `key` is the one at which reading stands.
struct Keys<'k> {
    key: &'k mut String,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = Config;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Config, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = Config;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Config, A::Error> {
        let mut config = Config::default();
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            self.key.clone_from(&key);
            if seen.contains(&key) {
                return Err(A::Error::custom("given twice"));
            }
            config.set(&key, &mut map)?;
            seen.push(key);
        }
        self.key.clear();
        Ok(config)
    }
}
