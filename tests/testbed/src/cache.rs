//! The cache: one folder per artifact, made by one process and complete when it has its name.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Names the cache's folder when it is set.
pub const CACHE_VARIABLE: &str = "ETCD_JSON_GATEWAY_CACHE";

/// The cache's folder: `$ETCD_JSON_GATEWAY_CACHE`, else `etcd-json-gateway` in the user's XDG cache.
pub fn folder() -> Result<PathBuf> {
    let variable = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = variable(CACHE_VARIABLE) {
        return Ok(folder);
    }
    let cache =
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    let cache = cache.with_context(|| {
        format!("no cache folder: set {CACHE_VARIABLE}, XDG_CACHE_HOME or HOME")
    })?;
    Ok(cache.join("etcd-json-gateway"))
}

/// The folder `name` in the cache, made by `make` if it is not there.
///
/// `make` fills a temporary folder which then gets its name in one step, so a folder that exists is complete. Of
/// several processes that want the same folder one makes it and the others wait.
pub fn folder_made_by(name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    made_in(&folder()?, name, make)
}

fn made_in(cache: &Path, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let complete = cache.join(name);
    if complete.is_dir() {
        return Ok(complete);
    }
    fs::create_dir_all(cache).with_context(|| format!("making {}", cache.display()))?;
    let lock_path = cache.join(format!("{name}.lock"));
    let lock =
        File::create(&lock_path).with_context(|| format!("making {}", lock_path.display()))?;
    lock.lock()
        .with_context(|| format!("locking {}", lock_path.display()))?;
    if !complete.is_dir() {
        let partial = cache.join(format!("{name}.part"));
        if partial.exists() {
            fs::remove_dir_all(&partial)
                .with_context(|| format!("removing {}", partial.display()))?;
        }
        fs::create_dir(&partial).with_context(|| format!("making {}", partial.display()))?;
        make(&partial)?;
        fs::rename(&partial, &complete)
            .with_context(|| format!("naming {}", complete.display()))?;
    }
    Ok(complete)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use anyhow::{Result, bail};

    use super::made_in;
    use crate::scratch;

    #[test]
    fn of_many_who_want_a_folder_one_makes_it() -> Result<()> {
        let cache = scratch::folder("cache")?;
        let made = AtomicUsize::new(0);
        let want = || {
            made_in(cache.path(), "name", |folder| {
                made.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(50));
                Ok(fs::write(folder.join("file"), "whole")?)
            })
        };
        thread::scope(|scope| -> Result<()> {
            let wants: Vec<_> = (0..8).map(|_| scope.spawn(want)).collect();
            for folder in wants.into_iter().filter_map(|want| want.join().ok()) {
                assert_eq!(fs::read_to_string(folder?.join("file"))?, "whole");
            }
            Ok(())
        })?;
        assert_eq!(made.load(Ordering::SeqCst), 1);
        Ok(())
    }

    #[test]
    fn a_folder_that_could_not_be_made_is_made_anew() -> Result<()> {
        let cache = scratch::folder("cache")?;
        let failed = made_in(cache.path(), "name", |folder| {
            fs::write(folder.join("half"), "")?;
            bail!("no")
        });
        assert!(failed.is_err());
        let folder = made_in(cache.path(), "name", |folder| {
            Ok(fs::write(folder.join("whole"), "")?)
        })?;
        assert!(folder.join("whole").exists() && !folder.join("half").exists());
        Ok(())
    }
}
