//! How the keys become a type that is read key by key, so that an error names the one at fault.

use serde_json::value::RawValue;

use super::read::{Read, members};
use super::{Config, ConfigError};

/// An object whose keys have defaults.
pub(super) trait Keyed {
    /// Reads the value of `key`; an error says what is wrong with it.
    fn set(&mut self, key: &str, json: &str) -> Result<(), String>;
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
            fn set(&mut self, key: &str, json: &str) -> Result<(), String> {
                match key {
                    $(stringify!($key) => {
                        self.$key = $crate::config::read::Read::read(json)?;
                        $(($check)(&self.$key)?;)?
                        Ok(())
                    })*
                    _ => Err("unknown key".to_owned()),
                }
            }
        }
    };
}

/// Reads an object of keys.
///
/// # Errors
///
/// With the key at fault, where not the text as a whole is.
pub(super) fn read(text: &str) -> Result<Config, ConfigError> {
    let json: &RawValue = serde_json::from_slice(text.as_bytes()).map_err(|error| ConfigError {
        key: String::new(),
        reason: error.to_string(),
    })?;
    let mut config = Config::default();
    fill(&mut config, json.get())?;
    Ok(config)
}

/// Reads an object of keys into one that has the defaults.
pub(super) fn fill(keyed: &mut dyn Keyed, json: &str) -> Result<(), ConfigError> {
    let fail = |key: &str, reason: String| ConfigError {
        key: key.to_owned(),
        reason,
    };
    let members = members(json).ok_or_else(|| fail("", "expected an object".to_owned()))?;
    let mut seen = Vec::new();
    for (key, value) in members {
        let key = String::read(key).map_err(|error| fail("", error))?;
        if seen.contains(&key) {
            return Err(fail(&key, "given twice".to_owned()));
        }
        keyed
            .set(&key, value)
            .map_err(|reason| fail(&key, reason))?;
        seen.push(key);
    }
    Ok(())
}

/// What is wrong at a place: an error of a place within goes on with that.
pub(super) fn at(place: &str, error: &str) -> String {
    let goes_on = error.starts_with(['.', '[']);
    format!("{place}{}{error}", if goes_on { "" } else { ": " })
}
