//! The project's commands: `cargo xtask up`, `test`, `fuzz`, `bench`, `generate`, `package`.

mod bench;
mod checks;
mod fuzz;
mod generate;
mod package;
mod signals;
mod step;
mod target;
mod up;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use testbed::{process, scratch};

/// The project's commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Up(up::Arguments),
    Test(checks::Arguments),
    Fuzz(fuzz::Arguments),
    Bench(bench::Arguments),
    Generate(generate::Arguments),
    Package(package::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = signals::stop_on_signals().and_then(|()| run(&arguments.command));
    if process::is_stopping() {
        signals::wait_for_exit();
    }
    process::stop_all();
    scratch::remove_all();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<()> {
    match command {
        Command::Up(arguments) => up::run(arguments),
        Command::Test(arguments) => checks::run(arguments),
        Command::Fuzz(arguments) => fuzz::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Generate(_) => generate::run(),
        Command::Package(arguments) => package::run(arguments),
    }
}
