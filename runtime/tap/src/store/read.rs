//! Reads a run, finished or not.

use std::{
    collections::HashMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use scn_plan::{Blueprint, Plan};
use serde::de::DeserializeOwned;

use super::{
    RunPlan, SignOffRecord, StoreError,
    layout::{JOURNEYS, METRICS, PLAN, RUN, TRACE, read_json, read_plan},
    signoff::sign_offs,
};
use crate::{Attachment, Block, Event, JourneyRecord, MetricLine, RunRecord, RunState, Span};

/// A line of `trace.jsonl`.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceLine {
    /// Its number, from 1.
    pub number: u64,
    /// What it says.
    pub event: Event,
}

/// Consecutive lines of `trace.jsonl`, from 1, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceRange {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// A run as it is stored.
#[derive(Debug)]
pub struct RunStore {
    directory: PathBuf,
    record: RunRecord,
    plan: RunPlan,
    trace: Vec<TraceLine>,
    blocks: HashMap<Block, Vec<TraceRange>>,
    journeys: Vec<JourneyRecord>,
    metrics: Vec<MetricLine>,
    sign_offs: Vec<SignOffRecord>,
    remarks: Vec<String>,
}

impl RunStore {
    /// Reads the run in `directory`. Lines that cannot be read are passed over and named in [`RunStore::remarks`].
    ///
    /// # Errors
    ///
    /// If `plan.json` or `run.json` is missing or damaged, which no kill can bring about, or a file is unreadable; if
    /// the plan or the blueprint has another version than this crate reads.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let directory = directory.into();
        let record: RunRecord = read_json(&directory.join(RUN))?;
        let plan = read_plan(&directory.join(PLAN), &record)?;
        let mut remarks = Vec::new();
        let trace: Vec<TraceLine> = read_lines(&directory.join(TRACE), &mut remarks)?
            .into_iter()
            .map(|(number, event)| TraceLine { number, event })
            .collect();
        let journeys = read_lines(&directory.join(JOURNEYS), &mut remarks)?.into_iter().map(|(_, line)| line).collect();
        let metrics = read_lines(&directory.join(METRICS), &mut remarks)?.into_iter().map(|(_, line)| line).collect();
        let blocks = block_ranges(&trace);
        let sign_offs = sign_offs(&directory)?;
        Ok(Self { directory, record, plan, trace, blocks, journeys, metrics, sign_offs, remarks })
    }

    /// The run's directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the files are that were kept beside the trace, sorted by name.
    pub fn attachments(&self) -> Vec<PathBuf> {
        // Without any, there is no directory.
        let entries = fs::read_dir(self.directory.join(Attachment::DIRECTORY)).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    }

    /// `run.json`.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// The plan that was run.
    pub fn plan(&self) -> &Plan {
        &self.plan.plan
    }

    /// The sandbox that it was run in.
    pub fn blueprint(&self) -> Option<&Blueprint> {
        self.plan.blueprint.as_ref()
    }

    /// The events, in the order in which they were written.
    pub fn trace(&self) -> &[TraceLine] {
        &self.trace
    }

    /// The spans among them, with the numbers of their lines.
    pub fn spans(&self) -> impl Iterator<Item = (u64, &Span)> {
        self.trace.iter().filter_map(|line| match &line.event {
            Event::Span(span) => Some((line.number, span)),
            Event::Probe(_) => None,
        })
    }

    /// The lines of a block as it was closed; late spans are in [`RunStore::block_ranges`].
    pub fn block(&self, block: &str) -> Option<TraceRange> {
        self.blocks.get(block)?.first().copied()
    }

    /// All lines of a block: as it was closed, then what came late.
    pub fn block_ranges(&self, block: &str) -> &[TraceRange] {
        self.blocks.get(block).map_or(&[], Vec::as_slice)
    }

    /// The journeys that are over, in the order in which they ended.
    pub fn journeys(&self) -> &[JourneyRecord] {
        &self.journeys
    }

    /// The metrics.
    pub fn metrics(&self) -> &[MetricLine] {
        &self.metrics
    }

    /// What people decided on the run, oldest first.
    pub fn sign_offs(&self) -> &[SignOffRecord] {
        &self.sign_offs
    }

    /// What could not be read, in sentences.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Whether somebody is writing the run at this moment.
    pub fn is_under_way(&self) -> bool {
        self.is_open() && is_written(&self.directory)
    }

    /// Whether the run was not closed: it is under way, or was killed.
    pub fn is_open(&self) -> bool {
        self.record.state == RunState::Running
    }
}

/// Whether somebody is writing the run in `directory` at this moment.
pub(super) fn is_written(directory: &Path) -> bool {
    let locked = |file: fs::File| matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock));
    fs::File::open(directory.join(TRACE)).is_ok_and(locked)
}

/// Reads a file of lines; a file that is not there has none.
fn read_lines<T: DeserializeOwned>(path: &Path, remarks: &mut Vec<String>) -> Result<Vec<(u64, T)>, StoreError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            remarks.push(format!("{} is missing", name(path)));
            return Ok(Vec::new());
        }
        Err(error) => return Err(StoreError::io("read", path)(error)),
    };
    let mut lines = Vec::new();
    for (line, number) in text.split_inclusive(|byte| *byte == b'\n').zip(1..) {
        match serde_json::from_slice(line) {
            Ok(record) => lines.push((number, record)),
            Err(_) if !line.ends_with(b"\n") => {
                remarks.push(format!("the last line of {} ({number}) is torn", name(path)));
            }
            Err(error) => remarks.push(format!("line {number} of {} is damaged: {error}", name(path))),
        }
    }
    Ok(lines)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn block_ranges(trace: &[TraceLine]) -> HashMap<Block, Vec<TraceRange>> {
    let mut blocks: HashMap<Block, Vec<TraceRange>> = HashMap::new();
    for line in trace {
        let Event::Span(span) = &line.event else {
            continue;
        };
        let ranges = blocks.entry(span.block.clone()).or_default();
        match ranges.last_mut() {
            Some(range) if range.last + 1 == line.number => range.last = line.number,
            _ => ranges.push(TraceRange { first: line.number, last: line.number }),
        }
    }
    blocks
}
