//! Every input that is committed, and every one that is made of the golden vectors, keeps all promises.

use std::fs;
use std::path::Path;

use fuzz::Target;

#[test]
fn every_target_has_a_corpus_and_every_folder_a_target() {
    let folder = |name| Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut targets = Target::ALL.map(|target| target.name);
    targets.sort_unstable();
    let mut found: Vec<String> = fs::read_dir(folder("corpus"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(found, targets); // `cargo xtask fuzz` knows the targets by these folders
    for entry in fs::read_dir(folder("regressions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(Target::named(&name).is_some(), "{name}");
    }
}

#[test]
fn committed_inputs_break_no_promise() {
    for target in Target::ALL {
        for folder in ["corpus", "regressions"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join(folder)
                .join(target.name);
            let Ok(entries) = fs::read_dir(folder) else {
                continue;
            };
            for entry in entries {
                let path = entry.unwrap().path();
                eprintln!("{}", path.display()); // shown where the target panics
                (target.run)(&fs::read(path).unwrap());
            }
        }
    }
}

#[test]
fn vectors_break_no_promise() {
    for target in Target::ALL {
        for (index, seed) in (target.seeds)().into_iter().enumerate() {
            eprintln!("{} {index}", target.name); // shown where the target panics
            (target.run)(&seed);
        }
    }
}
