//! What a command line changes of a scenario, and the one line that does the same again.

use std::path::Path;

use scn_plan::{
    Plan,
    load::{Model, Stage, StageKind},
    nanos,
};

use crate::{
    arguments::{RunChoice, SandboxChoice},
    exit::{CommandError, Failure},
};

/// Changes `plan` as the command line says.
///
/// # Errors
///
/// If the scenario's load leaves no meaning to what the command line says.
pub fn adjust(plan: &mut Plan, choice: &RunChoice) -> Result<(), CommandError> {
    let refused = |message: &str| CommandError::new(Failure::Usage, message.to_owned());
    if let Some(personas) = choice.personas {
        let population = plan.population();
        match plan.load.as_mut().map(|load| (load.peak(population), &mut load.model)) {
            None => share_out(plan, personas),
            Some((_, Model::Open(_))) => {
                return Err(refused("`--personas` has no meaning where journeys arrive at a rate")
                    .help("each arrival is a persona of its own; change the rate in the scenario's `load:`"));
            }
            Some((peak, Model::Closed(stages))) => {
                let scaled = |level: u32| {
                    let scaled = u64::from(level) * u64::from(personas) / u64::from(peak.max(1));
                    u32::try_from(scaled).unwrap_or(u32::MAX).max(u32::from(level > 0))
                };
                for stage in &mut *stages {
                    match &mut stage.kind {
                        StageKind::Ramp(level) | StageKind::Spike(level) => *level = scaled(*level),
                        StageKind::Hold => {}
                    }
                }
                // A schedule that does not begin with a ramp begins with everybody.
                if !matches!(stages.first(), Some(Stage { kind: StageKind::Ramp(_), .. })) {
                    let population = scaled(population);
                    share_out(plan, population);
                }
            }
        }
    }
    if let Some(bound) = choice.bound {
        if plan.warm_up() > 0 && u64::try_from(bound).unwrap_or(0) <= plan.warm_up() {
            let warm_up = scn_plan::Value::Duration(i64::try_from(plan.warm_up()).unwrap_or(i64::MAX));
            return Err(refused("with this bound nothing of the run would be counted")
                .help(format!("the warm-up takes {warm_up}; let the run take longer with `--for`")));
        }
        plan.duration = bound;
    }
    Ok(())
}

/// The command that makes the same run in a sandbox of its own, as a shell would take it.
pub fn command(file: &Path, choice: &RunChoice, sandbox: &SandboxChoice, seed: u64) -> String {
    let mut command = format!("esr rehearse {}", quoted(&file.to_string_lossy()));
    if let Some(scenario) = &choice.scenario {
        command += &format!(" --scenario {}", quoted(scenario));
    }
    command += &made_of(sandbox);
    command += &format!(" --seed {seed}");
    if let Some(personas) = choice.personas {
        command += &format!(" --personas {personas}");
    }
    if let Some(bound) = choice.bound {
        command += &format!(" --for {}ms", bound / nanos::MILLI);
    }
    command
}

/// The command that brings a sandbox up anew as it was.
pub fn up(file: &str, sandbox: &SandboxChoice) -> String {
    format!("esr up {}{}", quoted(file), made_of(sandbox))
}

/// The options that say what a sandbox is made of.
fn made_of(sandbox: &SandboxChoice) -> String {
    let options = [("--gov-source", &sandbox.gov_source), ("--mfe-branch", &sandbox.mfe_branch)];
    options.iter().filter_map(|(name, value)| Some(format!(" {name} {}", quoted(value.as_ref()?)))).collect()
}

fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./:@%+=,".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Scales the groups of personas to `total` in all, in proportion; what rounding leaves goes to the largest remainders.
fn share_out(plan: &mut Plan, total: u32) {
    let population = u64::from(plan.population());
    if population == 0 {
        return;
    }
    let exact = |count: u32| u64::from(count) * u64::from(total);
    let mut remainders: Vec<(u64, usize)> = Vec::new();
    let mut given = 0;
    for (index, group) in plan.personas.iter_mut().enumerate() {
        let share = exact(group.count);
        remainders.push((share % population, index));
        group.count = u32::try_from(share / population).unwrap_or(u32::MAX);
        given += group.count;
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, index) in remainders.iter().take(total.saturating_sub(given) as usize) {
        plan.personas[*index].count += 1;
    }
}
