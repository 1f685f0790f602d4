//! Every input that is committed, and every one that is made of the golden vectors, keeps all promises.

use std::fs;
use std::path::Path;

use fuzz::Target;

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
