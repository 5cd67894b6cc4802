//! The program itself, started as a process.

mod commands;
mod data_dir;
mod demo;
mod first_run;
mod kills;
mod program;
mod rotation;
mod settings;
mod shutdown;
mod tls;
