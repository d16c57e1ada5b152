//! The frame of the pod runner. Given: read it as you need it.
//!
//! In the order in which to read it:
//!
//! - [`pod`]: the v1 Pod types; [`manifest`]: from text to a document, and back to its lines
//! - [`objects`]: ConfigMaps, Secrets and Services; [`environment`]: what variables are made from
//! - [`runner`]: what a runner is made of; each chapter replaces one part
//! - [`engine`]: the loop, what it observes, what a plan may ask for
//! - [`resources`]: the parts that chapter 8 builds; [`volumes`]: those of chapter 10
//! - [`runtime`]: the parts that chapter 2 builds; [`sys`]: system calls that nix does not wrap
//! - [`security`]: what a container's program may be and do
//! - [`hosts`], [`dns`]: what a pod is called, and whom it asks for names
//! - [`real`]: the world of processes; [`sim`]: the world of a script
//! - [`wire`]: what is said to servers in pods
//! - [`image`]: what image names mean here; [`copy`]: a root file system without overlayfs; [`apps`]: the programs the images hold
//! - [`cli`]: the command line; [`control`]: what it says to pods in the background
//!
//! Deliberately missing: everything the chapters teach. There is no mock of a
//! system call anywhere: a check looks at the kernel instead.

pub mod advice;
pub mod apps;
pub mod cli;
pub mod control;
pub mod copy;
pub mod dns;
pub mod engine;
pub mod environment;
pub mod hosts;
pub mod image;
pub mod manifest;
pub mod objects;
pub mod pod;
pub mod real;
pub mod resources;
pub mod runner;
pub mod runtime;
pub mod security;
pub mod sim;
pub mod support;
pub mod sys;
pub mod time;
pub mod volumes;
pub mod wire;

pub use runner::{Read, Runner};
